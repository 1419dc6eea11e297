import { EphemeraError } from '@ephemera/model';
import { LeaseLost, type Claim } from '../work/claim.ts';

/** For one name. Less than the 15 s for which the database lets a transaction wait. */
const nameMs = 10_000;

/** Tells what went wrong with one name as a value; the end of the pass itself is thrown. */
export async function attempt<Result>(
  { signal }: Pick<Claim, 'signal'>,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly error: unknown }> {
  const deadline = AbortSignal.timeout(nameMs);
  try {
    return { result: await run(AbortSignal.any([signal, deadline])) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    if (!deadline.aborted || error instanceof EphemeraError) return { error };
    return { error: new Error(`It was not over within ${nameMs / 1000} s; the next pass goes on with it.`) };
  }
}
