import { createRequire } from 'node:module';
import type { Json } from './openapi/description.ts';

const require = createRequire(import.meta.url);

interface Definition {
  readonly name: string;
  readonly examples: readonly Json[];
}

/** What the examples were recorded for; every string that names it is turned to our own repository and address. */
export const recorded = { owner: 'Codertocat', repository: 'Codertocat/Hello-World' } as const;

/**
 * A recorded payload of GitHub: complete, so that what we answer has every field that a client may read.
 * Those with an installation and without an organization are closest to what an App on a user's account gets.
 */
export function example(event: string, action?: string): Json {
  const definitions = require('@octokit/webhooks-examples') as readonly Definition[];
  const recordings = definitions.find(({ name }) => name === event)?.examples ?? [];
  const fitting = recordings.filter((payload) => action === undefined || payload['action'] === action);
  const best = fitting.find((payload) => 'installation' in payload && !('organization' in payload)) ?? fitting[0];
  if (best === undefined) throw new Error(`No recorded payload of ${event} ${action ?? ''}`);
  return best;
}

interface Names {
  readonly origin: string;
  readonly owner: string;
  readonly repository?: string;
}

/** By the recording, then by the names: the same few are asked for thousands of times. */
const retargeted = new WeakMap<object, Map<string, unknown>>();

/**
 * A recording with its names and addresses replaced: one object for all who ask, not to be changed. Runs before our own texts
 * go in, so it never changes those.
 */
export function retarget<T extends object>(recording: T, names: Names): Readonly<T> {
  const key = JSON.stringify(names);
  const kept = retargeted.get(recording) ?? new Map<string, unknown>();
  retargeted.set(recording, kept);
  const copy = kept.get(key) ?? replaceNames(recording, names);
  kept.set(key, copy);
  return copy as T;
}

function replaceNames(recording: object, names: Names): unknown {
  const replace = (text: string) =>
    text
      .replaceAll('https://api.github.com', names.origin)
      .replaceAll('https://github.com', names.origin)
      .replaceAll(/(git:\/\/|git@)github\.com/g, `$1${new URL(names.origin).hostname}`)
      .replaceAll(recorded.repository, names.repository ?? recorded.repository)
      .replaceAll(recorded.owner, names.owner);
  const copy = (value: unknown): unknown => {
    if (typeof value === 'string') return replace(value);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copy(child)]));
  };
  return copy(recording);
}
