import type { z } from 'zod';
import type { Finding, Path, Wrong } from './finding.ts';
import { separated } from './checks/image.ts';
import { nearest } from './nearest.ts';
import { describe, shapeFor } from './shape.ts';
import { quoted } from './show.ts';

type Issue = z.core.$ZodIssue;

/** A finding of the schema. `unusable`: the value has not the type that rules rely on. */
interface SchemaFinding extends Finding {
  readonly unusable: boolean;
}

/** What the schema library found, in plain words. Pure. */
export function findingsOf(schema: z.core.$ZodType, value: unknown, issues: readonly Issue[]): SchemaFinding[] {
  return issues.flatMap((issue) => translate(schema, value, issue));
}

function translate(schema: z.core.$ZodType, root: unknown, issue: Issue): SchemaFinding[] {
  const path: Path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const value = valueAt(root, path);
  if (issue.code === 'custom') {
    const fix: unknown = issue.params?.['fix'];
    return [{ path, problem: issue.message, fix: typeof fix === 'string' ? fix : '', unusable: false }];
  }
  if (value === undefined) return [{ path, ...missing(schema, root, path), unusable: true }];
  if (issue.code === 'invalid_value') return [{ path, ...notOneOf(issue.values, value), unusable: true }];
  if (issue.code === 'invalid_union') return inUnion(schema, root, { path, issue });
  const expected = issue.code === 'invalid_type' ? issue.expected : '';
  return [{ path, ...(asInKubernetes(path, value) ?? wrongType(expected, value)), unusable: true }];
}

/** The problems of the one alternative that the value was meant to be, or that it is none of them. */
function inUnion(
  schema: z.core.$ZodType,
  root: unknown,
  { path, issue }: { path: Path; issue: Extract<Issue, { code: 'invalid_union' }> },
): SchemaFinding[] {
  const meant = issue.errors.filter(
    (errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'),
  );
  const [one] = meant;
  if (one !== undefined && meant.length === 1) {
    return one.flatMap((error) => translate(schema, root, { ...error, path: [...issue.path, ...error.path] }));
  }
  const expected = issue.errors.flatMap((errors) =>
    errors.map((error) => (error.code === 'invalid_type' ? wordFor(error.expected) : '')).filter((word) => word !== ''),
  );
  const value = valueAt(root, path);
  const isNumber = typeof value === 'number' || typeof value === 'boolean';
  if (value === null && expected.includes('a text')) return [{ path, ...noValue, unusable: true }];
  return [
    {
      path,
      problem: `is neither ${expected.join(' nor ')}`,
      fix:
        isNumber && expected.includes('a text') && !expected.includes('a number')
          ? quotes
          : `Write ${expected.join(' or ')}.`,
      unusable: true,
    },
  ];
}

const quotes = 'Put it in quotes.';
const noValue = { problem: 'has no value', fix: 'Write "" for an empty text.' };

/** What stands here in a pod, where a manifest has a map. */
function asInKubernetes(path: Path, value: unknown): Wrong | undefined {
  const problem = 'is not a map';
  if (path.join('.') === 'spec.env' && Array.isArray(value)) {
    return { problem, fix: 'Write the list under env.variables, and what is secret of it under env.secrets.' };
  }
  if (path.at(-1) !== 'image' || typeof value !== 'string') return undefined;
  const fix = separated(value);
  return { problem, fix: fix ?? 'Write image: { repo: …, tag: "…" }.' };
}

function missing(schema: z.core.$ZodType, root: unknown, path: Path): Wrong {
  const { description } = describe(schemaAt(schema, root, path));
  return { problem: 'is missing', fix: typeof description === 'string' ? `Add it. ${description}` : 'Add it.' };
}

function notOneOf(allowed: readonly unknown[], value: unknown): Wrong {
  const names = allowed.map(String);
  const choices = names.map((name) => (name === '' ? '""' : name)).join(', ');
  const near = typeof value === 'string' ? nearest(value, names) : undefined;
  if (value === 'Always' && names.includes('OnFailure')) {
    return {
      problem: 'is for pods that never end, and a job ends',
      fix: 'Write Never for a new pod at each try, or OnFailure to start the container again in its pod.',
    };
  }
  if (names.length === 1) return { problem: `is not ${choices}`, fix: `Write ${choices}.` };
  const meant = near === undefined || near === '' ? '' : ` Did you mean ${near}?`;
  return { problem: 'is not one of the values that it can have', fix: `Write one of: ${choices}.${meant}` };
}

function wrongType(expected: string, value: unknown): Wrong {
  const word = wordFor(expected);
  const problem = `is not ${word}`;
  if (expected === 'string') {
    if (value === null) return noValue;
    return { problem, fix: typeof value === 'object' ? 'Write a text.' : quotes };
  }
  if (expected === 'number' && typeof value === 'string') {
    return { problem, fix: numberFix(value) };
  }
  if (expected === 'boolean') return { problem, fix: 'Write true or false.' };
  if (expected === 'array')
    return { problem, fix: 'Write a list: each item on a line of its own after "- ", or [a, b].' };
  return { problem, fix: `Write ${word}.` };
}

function numberFix(text: string): string {
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return `Write ${text} without quotes.`;
  const octal = /^0[0-7]{1,4}$/.test(text) ? ` ${text} in octal is ${Number.parseInt(text, 8)}.` : '';
  return `Write a whole number.${octal}`;
}

function wordFor(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  };
  return words[expected] ?? `a value of type ${quoted(expected)}`;
}

function schemaAt(schema: z.core.$ZodType, root: unknown, path: Path): z.core.$ZodType {
  let [at, value] = [schema, root];
  for (const part of path) {
    const shape = shapeFor(at, value);
    if (shape.is === 'object') at = shape.fields[part] ?? at;
    else if (shape.is === 'map') at = shape.value;
    else if (shape.is === 'list') at = shape.item;
    value = valueAt(value, [part]);
  }
  return at;
}

/** What stands at a path, if anything. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    root,
  );
}
