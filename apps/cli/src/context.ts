import type { CommandContext } from '@stricli/core';

/** What a command may touch of the world. Handed in, so that a test is a function call. */
export interface Context extends CommandContext {
  readonly process: Omit<NodeJS.Process, 'exitCode'> & { exitCode?: number | string | null };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function contextOf(process: NodeJS.Process): Context {
  // Node declares `exitCode` as possibly undefined, stricli as possibly missing: the same thing at run time.
  return { process: process as Context['process'], environment: process.env };
}
