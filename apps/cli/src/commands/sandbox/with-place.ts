import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { withAdvice } from './advice.ts';
import type { Here } from './with-result.ts';
import { whereOf, type WhereFlags } from './where.ts';

/** Says on standard error which cluster or server it is, opens it, and closes it after the work. */
export async function withPlace(
  { process, environment }: Context,
  flags: WhereFlags,
  work: (here: Here) => Promise<void>,
): Promise<void> {
  const where = whereOf(flags, environment);
  using interruption = takeSignals(process);
  const { signal } = interruption;
  process.stderr.write(`${where.inWords}\n`);
  await using opened = await where.open(signal);
  await work({ host: opened.host, signal }).catch((error: unknown) => {
    throw withAdvice(error);
  });
}
