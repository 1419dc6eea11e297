import type { EventView } from '../../server-api.ts';
import { table } from '../../table.ts';

/** A timeline for people, oldest first. `since` is when the time begins to count: the opening of the environment. Pure. */
export function timelineTable(events: readonly EventView[], since: string): string {
  const startedAt = Date.parse(since);
  const rows = events.map((event) => [
    `+${((Date.parse(event.at) - startedAt) / 1000).toFixed(2)} s`,
    event.kind === 'status' ? event.name : `${event.kind} ${event.name}`,
    event.commit_sha.slice(0, 7),
    event.message ?? '',
  ]);
  return table(['SINCE OPENED', 'EVENT', 'COMMIT', 'MESSAGE'], rows);
}
