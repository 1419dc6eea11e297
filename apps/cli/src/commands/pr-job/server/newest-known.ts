import { PrJobUnknown } from '../errors.ts';
import type { NameRef } from '../pull-request-jobs.ts';
import { mostEvents, prJobEvents, type PrJobEventView } from './events.ts';
import type { Place } from './place.ts';

/** Looking is recorded too, though once an hour; a name for which it takes more pages is hardly in use. */
const mostPages = 10;

/** The job that was created last. A server tells the status of a Job by its name alone, and has recorded which there are. */
export async function newestKnown({ api, clusterName }: Place, ref: NameRef, signal: AbortSignal): Promise<string> {
  let before: number | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const events = await prJobEvents(api, ref, { signal, ...(before !== undefined && { before }) });
    const found = createdLast(events, clusterName);
    if (found !== undefined) return found;
    before = events.at(-1)?.id;
    if (events.length < mostEvents) break;
  }
  throw new PrJobUnknown({ ...ref, by: 'server' });
}

/**
 * Of the cluster that is asked for. A cluster may have several names, and the server has recorded the one that each caller used, so where
 * none is written like that the others count. Pure.
 */
export function createdLast(events: readonly PrJobEventView[], clusterName = ''): string | undefined {
  const created = events.filter(({ action, outcome }) => action === 'create' && outcome === 'done');
  const there = created.filter(({ cluster }) => cluster.toLowerCase() === clusterName.toLowerCase());
  return (
    (there.length > 0 || clusterName === '' ? there : created).find((event) => event.job_name !== null)?.job_name ??
    undefined
  );
}
