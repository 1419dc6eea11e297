import type { Job } from '@ephemera/model';
import { statusOf } from './status-of.ts';

/** What a Job has come to; null: it has not ended, or there is none. Pure. */
export function endOf(job: Job | undefined): 'Complete' | 'Failed' | null {
  const state = job && statusOf(job).state;
  return state === 'Complete' || state === 'Failed' ? state : null;
}
