import { afterAll, beforeAll, expect, vi } from 'vitest';
import type { CommandHandle, LogOptions } from '../../src/commands-api.ts';
import type { Sandbox } from '../../src/sandbox.ts';
import type { SandboxOptions } from '../../src/sandbox-options.ts';
import type { Harness } from './harness.ts';

/** For what a sandbox or the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 50 };

/** One sandbox for the tests of a group, which leave it as they found it. */
export function sharedSandbox(harness: Harness, options?: Omit<SandboxOptions, 'on'>): () => Sandbox {
  let sandbox: Sandbox | undefined;
  beforeAll(async () => {
    sandbox = await harness.create(options);
  });
  afterAll(() => sandbox?.kill());
  return () => {
    if (sandbox === undefined) throw new Error('the sandbox is made before the first test');
    return sandbox;
  };
}

/** The code of what was thrown; undefined where nothing was. */
export async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

/** What a command wrote to its standard output, as far as `enough` wants it. */
export async function readLog(
  handle: CommandHandle,
  enough: (text: string) => boolean,
  options?: LogOptions,
): Promise<string> {
  let text = '';
  for await (const { stream, bytes } of handle.logs(options)) {
    if (stream === 'stdout') text += Buffer.from(bytes).toString();
    if (enough(text)) break;
  }
  return text;
}

/** Until only so many processes are left in the sandbox as there were before. */
export async function untilProcesses(sandbox: Sandbox, before: number | undefined): Promise<void> {
  await vi.waitFor(async () => expect((await sandbox.metrics()).processes).toBe(before), patience);
}

/** Numbers from 0 to 1 that are the same in every run. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes of all kinds, the same in every run. */
export function someBytes(count: number, seed = 1): Buffer {
  const next = numbers(seed);
  return Buffer.from(Array.from({ length: count }, () => Math.floor(next() * 256)));
}
