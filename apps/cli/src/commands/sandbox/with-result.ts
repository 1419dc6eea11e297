import type { SandboxHost } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { withAdvice } from './advice.ts';
import { noResultOf } from './ending.ts';
import { whereOf, type Where, type WhereFlags } from './where.ts';

export interface Here {
  readonly host: SandboxHost;
  readonly signal: AbortSignal;
}

/**
 * Ends with the exit code that `work` has from a command in a sandbox. Standard error belongs to that command: which cluster or server it
 * is stands there only on a terminal, and where there is no result.
 */
export async function withResult(
  command: Context,
  flags: WhereFlags,
  work: (here: Here) => Promise<number>,
): Promise<void> {
  const { process, environment } = command;
  using interruption = takeSignals(process);
  const { signal } = interruption;
  let where: Where | undefined;
  try {
    where = whereOf(flags, environment);
    if (process.stderr.isTTY) process.stderr.write(`${where.inWords}\n`);
    await using opened = await where.open(signal);
    process.exitCode = await work({ host: opened.host, signal });
  } catch (error) {
    const { exitCode, text, concernsPlace } = noResultOf(withAdvice(error));
    if (concernsPlace && where !== undefined && !process.stderr.isTTY) process.stderr.write(`${where.inWords}\n`);
    if (text !== undefined) process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}
