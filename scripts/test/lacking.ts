import { EphemeraError, messageOf } from '@ephemera/model';

/** Why something that tests need is not there: the machine lacks what it is made with, or making it failed. */
export interface Lacking {
  readonly outcome: 'skipped' | 'failed';
  readonly reason: string;
}

/** What an error of making it comes to. Pure. */
export function lackingFor(error: unknown): Lacking {
  const known = error instanceof EphemeraError;
  return {
    outcome: known && error.code.endsWith('_missing') ? 'skipped' : 'failed',
    reason: [messageOf(error), known ? error.hint : undefined].filter(Boolean).join(' '),
  };
}
