import type { JobOfName } from '../pull-request-jobs.ts';
import { prJobEvents, type PrJobEventView } from './events.ts';
import type { Place } from './place.ts';

/** When the server removed everything of a name after it made this job. Undefined also where it does not say. */
export async function cleanedUpAt({ api }: Place, ref: JobOfName, signal: AbortSignal): Promise<string | undefined> {
  // It explains an error, which a further one shall not hide.
  const events = await prJobEvents(api, ref, { signal }).catch(() => []);
  return cleanupAfter(events, ref.jobName);
}

/** Of events, newest first. Pure. */
export function cleanupAfter(events: readonly PrJobEventView[], jobName: string): string | undefined {
  const at = events.findIndex((event) => isDone(event, 'create') && event.job_name === jobName);
  if (at === -1) return undefined;
  const { cluster } = events[at] ?? {};
  return events.slice(0, at).findLast((event) => isDone(event, 'cleanup') && event.cluster === cluster)?.at;
}

function isDone({ action, outcome }: PrJobEventView, wanted: string): boolean {
  return action === wanted && outcome === 'done';
}
