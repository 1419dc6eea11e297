import { EphemeraError } from '@ephemera/model';

/** A server that is started again, or a network that is away for a moment, is waited for as long as this. */
export const patienceMs = 120_000;
/** The first pause before it is asked again; each further one is twice as long, up to the longest. */
export const shortestPauseMs = 250;
export const longestPauseMs = 5_000;

/** Whether asking again may help: nobody answers, or whoever does asks for patience. Pure. */
export function mayPass(error: unknown): error is EphemeraError {
  if (!(error instanceof EphemeraError)) return false;
  return error.retryable || busy.has(error.details['status']);
}

const busy: ReadonlySet<unknown> = new Set([429, 502, 503]);
