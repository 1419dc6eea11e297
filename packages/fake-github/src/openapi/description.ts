import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { correct } from './corrections.ts';
import { normalise } from './normalise.ts';
import { operations, webhooks } from './used.ts';

const require = createRequire(import.meta.url);

export type Json = Record<string, unknown>;

let kept: Json | undefined;

/**
 * GitHub's official description, cut down to what is used, so that the validator has little to index and 13 MB of JSON
 * do not stay in memory. Read once per process (0.15 s): it never changes, and every test starts a fake of its own.
 */
export function description(): Json {
  kept ??= cut(read());
  return kept;
}

function read(): Json {
  const file = require.resolve('@octokit/openapi/generated/api.github.com.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Json;
}

function cut(document: Json): Json {
  const pick = (group: string, keys: readonly string[]) =>
    Object.fromEntries(keys.map((key) => [key, at(document, [group, key])]));
  const roots = { paths: pick('paths', operations), 'x-webhooks': pick('x-webhooks', webhooks) };
  correct(roots.paths);
  const result: Json = { ...roots, components: {} };
  const waiting = [...references(roots)];
  const seen = new Set(waiting);
  for (const reference of waiting) {
    const path = reference.slice('#/'.length).split('/');
    const value = at(document, path);
    put(result, path, value);
    for (const next of references(value)) {
      if (!seen.has(next)) waiting.push(next);
      seen.add(next);
    }
  }
  return normalise(result) as Json;
}

function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') yield child;
    else if (key !== 'examples') yield* references(child);
  }
}

export function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (inner as Json | undefined)?.[key], value);
}

function put(root: Json, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) root[first] = value;
  else put((root[first] ??= {}) as Json, rest, value);
}
