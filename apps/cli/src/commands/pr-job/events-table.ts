import { table } from '../../table.ts';
import type { PrJobEventView } from './server/events.ts';

/** One event a line; CLUSTER is empty for the server's own, and a column only where one of them was somewhere else. Pure. */
export function eventsTable(events: readonly PrJobEventView[]): string {
  const hasClusters = events.some(({ cluster }) => cluster !== '');
  const withCluster = (cluster: string): readonly string[] => (hasClusters ? [cluster] : []);
  const rows = events.map((event) => [
    event.at.replace('T', ' '),
    event.caller,
    event.action,
    event.outcome,
    ...withCluster(event.cluster),
    event.job_name ?? '',
    event.message ?? '',
  ]);
  return table(['AT', 'CALLER', 'ACTION', 'OUTCOME', ...withCluster('CLUSTER'), 'JOB', 'MESSAGE'], rows);
}
