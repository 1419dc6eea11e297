import { EphemeraError } from '@ephemera/model';
import { LeaseLost, type Claim } from '../work/claim.ts';

/** Tells what went wrong as a value, also that it took longer than `ms`; the end of the pass itself is thrown. */
export async function attempt<Result>(
  { signal }: Pick<Claim, 'signal'>,
  ms: number,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly error: unknown }> {
  const deadline = AbortSignal.timeout(Math.max(1, Math.floor(ms)));
  try {
    return { result: await run(AbortSignal.any([signal, deadline])) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    if (!deadline.aborted || error instanceof EphemeraError) return { error };
    return { error: new Error(`It was not over within ${Math.ceil(ms / 1000)} s; the next pass goes on with it.`) };
  }
}
