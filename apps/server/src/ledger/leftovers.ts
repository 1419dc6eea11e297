import { knownKinds, refOf, type Cluster } from '@ephemera/kube';
import { refText } from '@ephemera/model';
import type { Database } from '../store/database.ts';
import { entryRef } from './ledger.ts';

/**
 * Everything outside that this server still answers for: whatever carries its mark in the cluster, and every line of the ledger that
 * is not confirmed as gone. Empty after the last pull request is closed. A list that cannot be read throws; it never counts as empty.
 */
export async function leftovers(db: Database, cluster: Cluster): Promise<string[]> {
  const listings = await Promise.all(knownKinds.map((kind) => cluster.list(kind, { labelSelector: cluster.ours })));
  const found = listings.flatMap(({ items }) => items.map((object) => refText(refOf(object))));
  const recorded = await db.selectFrom('ledger').selectAll().where('goneAt', 'is', null).execute();
  return [...new Set([...found, ...recorded.map((entry) => refText(entryRef(entry)))])].toSorted();
}
