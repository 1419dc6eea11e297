import {
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { maxAliases } from './limits.ts';
import { numbersOf } from './numbers.ts';
import type { Written } from '../spec/written.ts';
import { weightOf } from './weight.ts';

/** Why a text cannot be read. Lines and columns count from 1. None of it quotes the text, which may hold secrets. */
export interface Unreadable {
  readonly problem: string;
  readonly fix: string;
  readonly line?: number;
  readonly column?: number;
}

export type Read = { readonly value: unknown; readonly numbers?: Written } | { readonly unreadable: Unreadable };

/**
 * One YAML or JSON document as plain values. Strict: keys are texts and stand once, tags other than YAML's own are refused, aliases are
 * few, and nothing is guessed (`yes` is a text, YAML 1.2). Pure.
 */
export function readYaml(text: string): Read {
  const weight = weightOf(text);
  if (weight !== 'fine') return { unreadable: weight === 'too deep' ? tooDeep : tooMany };
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: 'core',
    strict: true,
    // Checked below: its own check compares every key of a map with every other.
    uniqueKeys: false,
    stringKeys: true,
    // Its pretty messages quote the line.
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  if (!Array.isArray(documents)) return { unreadable: empty };
  const whole = documents as readonly Document.Parsed[];
  const errors = whole.flatMap((document) => [...document.errors, ...document.warnings]);
  const error = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION') ?? errors[0];
  if (error !== undefined) return { unreadable: { ...explained(error), ...placeOf(error.pos[0], lines) } };
  const filled = whole.filter(({ contents }) => !isEmpty(contents));
  const [document, another] = filled;
  if (document === undefined) return { unreadable: empty };
  if (another !== undefined) return { unreadable: several(filled.length) };
  const refused = refusedNode(document);
  if (refused !== undefined) {
    return { unreadable: { ...refused.because, ...placeOf(refused.node.range?.[0] ?? 0, lines) } };
  }
  return valueOf(document);
}

function valueOf(document: Document.Parsed): Read {
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) as unknown, numbers: numbersOf(document) };
  } catch (error) {
    // The cap on aliases; and the stack, which counts levels.
    if (error instanceof ReferenceError) return { unreadable: tooManyAliases };
    if (error instanceof RangeError) return { unreadable: tooDeep };
    throw error;
  }
}

const plainTags: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** The first node that would not become a text, number, truth value, null, list or map. */
function refusedNode(document: Document.Parsed) {
  let refused: { readonly node: Node; readonly because: Unreadable } | undefined;
  let aliases = 0;
  visit(document, {
    Alias(_, node) {
      aliases += 1;
      // Finding its anchor goes through the document, so the count comes first.
      if (aliases > maxAliases) refused = { node, because: tooManyAliases };
      else if (node.resolve(document) === undefined) refused = { node, because: noAnchor };
      return refused === undefined ? undefined : visit.BREAK;
    },
    Map(_, node) {
      const twice = doubleKey(node);
      if (hasOtherTag(node)) refused = { node, because: unknownTag };
      else if (twice !== undefined) refused = { node: twice, because: sameKey };
      return refused === undefined ? undefined : visit.BREAK;
    },
    Value(_, node) {
      if (hasOtherTag(node)) refused = { node, because: unknownTag };
      else if (isScalar(node) && hasLeadingZero(node)) refused = { node, because: leadingZero };
      return refused === undefined ? undefined : visit.BREAK;
    },
  });
  return refused;
}

function hasOtherTag({ tag }: Node): boolean {
  return tag !== undefined && !plainTags.has(tag);
}

/** `0400` is 400 in YAML 1.2, and 256 to kubectl and in YAML 1.1: no reading of it is what everybody means. */
function hasLeadingZero({ value, source = '' }: Scalar): boolean {
  return typeof value === 'number' && /^[-+]?0\d+$/.test(source);
}

function doubleKey({ items }: YAMLMap): Scalar | undefined {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) return key;
    seen.add(key.value);
  }
  return undefined;
}

const sameKey = { problem: 'a key stands twice in one map', fix: 'Keep one of the two.' };
const noAnchor = { problem: 'an alias has no anchor before it', fix: 'Put a text that begins with * in quotes.' };
const unknownTag = {
  problem: 'it has a tag that is not read',
  fix: 'Put a text that begins with ! in quotes; leave other tags out.',
};
const empty = { problem: 'it is empty', fix: 'Write a KubernetesJob: apiVersion, kind, metadata and spec.' };
const tooDeep = { problem: 'its values are nested too deep', fix: 'A manifest needs no more than ten levels.' };
const tooMany = {
  problem: 'it has more parts than any job has',
  fix: 'Put large contents into the image or onto a volume.',
};
const leadingZero = {
  problem: 'a number begins with 0, which some programs read as octal and others as decimal',
  fix: 'Write an octal number as 0o400 and a decimal one without the 0; put a text in quotes.',
};
const tooManyAliases = {
  problem: 'it uses its anchors too often',
  fix: `Write the values out, or use at most ${maxAliases} aliases.`,
};

function several(count: number): Unreadable {
  return {
    problem: `it has ${count} documents, and one job is one document`,
    fix: 'Put each into a file of its own, and give one of them.',
  };
}

/** An empty document between separators (`---` at the end of a file) is none. */
function isEmpty(contents: ParsedNode | null): boolean {
  return (
    contents === null ||
    ('value' in contents && contents.value === null && (contents.range?.[0] ?? 0) === (contents.range?.[1] ?? 0))
  );
}

function placeOf(offset: number, lines: LineCounter): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

const byCode: Readonly<Record<string, { readonly problem: string; readonly fix: string }>> = {
  TAB_AS_INDENT: { problem: 'a tab is used for indentation', fix: 'Indent with spaces.' },
  BAD_INDENT: {
    problem: 'the indentation does not fit, or a bracket is not closed',
    fix: 'Indent the keys of one map by the same number of spaces, and close what is open.',
  },
  RESOURCE_EXHAUSTION: tooDeep,
  BAD_SCALAR_START: {
    problem: 'a text begins with a character that YAML keeps for itself',
    fix: 'Put the text in quotes.',
  },
  BAD_DQ_ESCAPE: {
    problem: 'a text in double quotes has an unknown escape',
    fix: 'Write \\\\ for a backslash, or use single quotes.',
  },
  TAG_RESOLVE_FAILED: unknownTag,
  NON_STRING_KEY: { problem: 'a key is no text', fix: 'Put a key that begins with { or [ in quotes.' },
  MISSING_CHAR: {
    problem: 'a character is missing: a quote, a comma, a colon or a bracket',
    fix: 'Close what is open.',
  },
  BLOCK_IN_FLOW: { problem: 'lines of YAML stand inside of brackets', fix: 'Close the bracket before them.' },
  MULTILINE_IMPLICIT_KEY: {
    problem: 'a key goes over several lines',
    fix: 'Write each key with its colon on one line.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    problem: 'a value holds a further "key:" on its line',
    fix: 'Put the text in quotes, or begin a new line.',
  },
};

function explained({ code }: YAMLError): { problem: string; fix: string } {
  return byCode[code] ?? { problem: 'it is not YAML', fix: 'Look at this place and the line before it.' };
}
