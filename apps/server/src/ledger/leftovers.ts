import { knownKinds, refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import { refText } from '@ephemera/model';
import { sql } from 'kysely';
import type { Database } from '../store/database.ts';
import { entryRef } from './ledger.ts';

/** Events are the cluster's, and the guard of pull-request jobs is shared by all servers: neither carries the mark of one. */
const neverMarked: ReadonlySet<KnownKind> = new Set([
  'v1/Event',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
]);

/**
 * Everything outside that this server still answers for: whatever carries its mark in its cluster, every line of the ledger that is not
 * confirmed as gone, and every name of pull-request jobs that nobody has cleaned up, as `pr-job/namespace/name` (with `@cluster` for
 * another cluster). Empty after the last pull request is closed and the last job cleaned up. A list that cannot be read throws; it never
 * counts as empty. It lists the whole cluster, which the server's own account need not be able to: for the demo and for tests.
 */
export async function leftovers(db: Database, cluster: Cluster): Promise<string[]> {
  const kinds = knownKinds.filter((kind) => !neverMarked.has(kind));
  const listings = await Promise.all(kinds.map((kind) => cluster.list(kind, { labelSelector: cluster.ours })));
  const found = listings.flatMap(({ items }) => items.map((object) => refText(refOf(object))));
  const recorded = await db.selectFrom('ledger').selectAll().where('goneAt', 'is', null).execute();
  const jobs = await namesInUse(db);
  return [...new Set([...found, ...recorded.map((entry) => refText(entryRef(entry))), ...jobs])].toSorted();
}

/** A row stays for a while after a cleanup, in case a create was under way meanwhile; the sweep takes it away. */
async function namesInUse(db: Database): Promise<string[]> {
  const { rows } = await sql<{ cluster: string; namespace: string; name: string }>`
    select cluster, namespace, name from pr_job_names as used
    where not exists (
      select 1 from pr_job_events as event
      where (event.cluster, event.namespace, event.name) = (used.cluster, used.namespace, used.name)
        and event.action = 'cleanup' and event.outcome = 'done' and event.at > used.used_at)`.execute(db);
  return rows.map(
    ({ cluster, namespace, name }) => `pr-job/${namespace}/${name}${cluster === '' ? '' : `@${cluster}`}`,
  );
}
