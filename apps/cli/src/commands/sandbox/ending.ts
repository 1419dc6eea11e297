import { explain } from '../../errors.ts';
import { exitCodeOf, exitCodes } from '../../exit-code.ts';

/** What ends a command that has no result. */
export interface NoResult {
  readonly exitCode: number;
  /** For standard error; undefined: nobody would want to read it. */
  readonly text: string | undefined;
  /** Whether it matters which cluster or server it was. */
  readonly concernsPlace: boolean;
}

/** Bad input is told before anything runs, and who has interrupted knows it: neither can be taken for the command's own end. */
const ownCodes: readonly number[] = [exitCodes.badInput, exitCodes.interrupted, exitCodes.outputClosed];

/** Why there is no exit code of the command in the sandbox: 125, but for bad input and whoever gave up waiting. Never 0. Pure. */
export function noResultOf(error: unknown): NoResult {
  const exitCode = exitCodeOf(error);
  if (!ownCodes.includes(exitCode)) return { exitCode: exitCodes.noResult, text: explain(error), concernsPlace: true };
  return { exitCode, text: exitCode === exitCodes.outputClosed ? undefined : explain(error), concernsPlace: false };
}
