import { refOf } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { created, intend } from '../ledger/ledger.ts';
import type { Database, Executor } from '../store/database.ts';
import { recordNote } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import { enqueue } from '../store/work.ts';

/**
 * A namespace of ours that exists although its environment is destroyed: somebody brought it back, or a call of ours took effect long
 * after it was given up. Its line in the ledger lives again, so that the environment's work takes it down. The row stays `destroyed`:
 * for people nothing has changed, and the timeline says what was found.
 */
export async function foundAgain(db: Database | Executor, environment: Environment, found: KubeObject): Promise<void> {
  const record = async (tx: Executor) => {
    const { id: environmentId, repositoryId, commitSha } = environment;
    await enqueue(tx, { kind: 'environment', key: String(environmentId), fairKey: String(repositoryId) });
    const ref = refOf(found);
    const known = await isLiving(tx, environmentId, found);
    await intend(tx, environmentId, ref);
    await created(tx, environmentId, ref, found.metadata.uid ?? '');
    if (known) return;
    const message = `${ref.kind} ${ref.name} exists although the environment is destroyed; it is removed.`;
    await recordNote(tx, { environmentId, commitSha, name: 'orphan_namespace', message });
  };
  await (db.isTransaction ? record(db) : db.transaction().execute(record));
}

/**
 * Whether a namespace of a list exists although its environment was destroyed before the list was asked for (`listedAt`).
 * One that is on its way out needs nobody. Pure.
 */
export function isBack(
  { status, destroyedAt }: Pick<Environment, 'status' | 'destroyedAt'>,
  { metadata }: KubeObject,
  listedAt: Date,
): boolean {
  const isDestroyed = status === 'destroyed' && destroyedAt !== null && destroyedAt < listedAt;
  return isDestroyed && metadata.deletionTimestamp === undefined;
}

async function isLiving(tx: Executor, environmentId: number, found: KubeObject): Promise<boolean> {
  const line = await tx
    .selectFrom('ledger')
    .select('id')
    .where('environmentId', '=', environmentId)
    .where('kind', '=', found.kind)
    .where('name', '=', found.metadata.name)
    .where('goneAt', 'is', null)
    .executeTakeFirst();
  return line !== undefined;
}
