import { closingAt, splitAt } from './scan.ts';

export interface ErrorDefinition {
  readonly code: string;
  readonly retryable: boolean;
  /** The sentence, with `‹name›` where a value stands. */
  readonly message: string;
  readonly hint: string | undefined;
}

const CALL = /\bdefineError\s*(?:<[^()]*>)?\s*\(\s*(?=\{)/g;

/**
 * The errors that a source declares, read from its text: the sentences are functions of values that only a failure has.
 * What is not understood throws, so that no page is silently wrong. Pure.
 */
export function readDefinitions(path: string, source: string): readonly ErrorDefinition[] {
  return [...source.matchAll(CALL)].map((match) => {
    const start = match.index + match[0].length;
    const fields = new Map(
      splitAt(source.slice(start + 1, closingAt(source, start)), ',').map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()];
      }),
    );
    const say = (name: string): string => {
      const text = fields.get(name);
      if (text === undefined) throw new Error(`${path}: an error has no ${name}`);
      return sentence(text, { path, source, values: [] });
    };
    return {
      code: say('code'),
      retryable: fields.get('retryable') === 'true',
      message: say('message'),
      hint: fields.has('hint') ? say('hint') : undefined,
    };
  });
}

interface Scope {
  readonly path: string;
  readonly source: string;
  /** Names of the values that the sentence is made of. */
  readonly values: readonly string[];
}

/** What an expression of a sentence reads like. */
function sentence(expression: string, scope: Scope): string {
  const text = expression.trim();
  const arrow = /^\((.*?)\)\s*=>\s*/s.exec(text);
  if (arrow) {
    const names = /^\{([^}]*)\}/.exec(arrow[1] ?? '')?.[1] ?? '';
    const values = [...names.matchAll(/\w+/g)].map(([name]) => name);
    return sentence(text.slice(arrow[0].length), { ...scope, values });
  }
  const [condition = '', ...branches] = splitAt(text, '?');
  if (branches.length === 1 && !condition.endsWith('=')) {
    const [yes = '', no = ''] = splitAt(branches[0] ?? '', ':');
    return `${sentence(yes, scope)} Or: ${sentence(no, scope)}`;
  }
  const [first = '', otherwise] = text.split(/\s\?\?\s/);
  if (otherwise !== undefined) return `${sentence(first, scope)} Or: ${sentence(otherwise, scope)}`;
  if (/^'[^]*'$/.test(text) || /^"[^]*"$/.test(text)) return unescaped(text.slice(1, -1));
  if (/^`[^]*`$/.test(text)) return template(text.slice(1, -1), scope);
  if (/^\w+$/.test(text)) return named(text, scope);
  throw new Error(`${scope.path}: the sentence ${text} is not understood`);
}

function template(text: string, scope: Scope): string {
  const at = text.indexOf('${');
  if (at === -1) return unescaped(text);
  const end = closingAt(text, at + 1);
  return unescaped(text.slice(0, at)) + value(text.slice(at + 2, end), scope) + template(text.slice(end + 1), scope);
}

/** A value in the middle of a sentence: its name, however it is written out. */
function value(expression: string, scope: Scope): string {
  const names = [...expression.matchAll(/[a-z]\w*/gi)].map(([name]) => name);
  const known = names.find((name) => scope.values.includes(name)) ?? names[0];
  if (known === undefined) throw new Error(`${scope.path}: \${${expression}} names no value`);
  return named(known, scope);
}

function named(name: string, { path, source, values }: Scope): string {
  if (values.includes(name)) return `‹${name}›`;
  const constant = new RegExp(`^const ${name} = '(.*)';$`, 'm').exec(source)?.[1];
  if (constant === undefined) throw new Error(`${path}: ${name} is neither a value nor a text of the file`);
  return unescaped(constant);
}

function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll(/\\(.)/g, '$1');
}
