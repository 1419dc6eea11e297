import { sql } from 'kysely';
import type { ObjectRef } from '@ephemera/model';
import type { Executor } from '../store/database.ts';
import type { Environment, LedgerEntry } from '../store/schema.ts';

/** A line, and whether it was made by the first attempt that it records. */
export interface LedgerLine {
  readonly id: number;
  readonly isFirst: boolean;
}

/**
 * What exists outside for an environment and would not go away with something else. Written before the outside call, so a crash
 * after it leaves a line that teardown follows. Every attempt renews the time: teardown has to know how old the last one is.
 */
export async function intend(db: Executor, environmentId: number, ref: ObjectRef): Promise<LedgerLine> {
  return (
    db
      .insertInto('ledger')
      .values({
        environmentId,
        apiVersion: ref.apiVersion,
        kind: ref.kind,
        namespace: ref.namespace ?? null,
        name: ref.name,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['environmentId', 'kind', 'name'])
          .where('goneAt', 'is', null)
          .doUpdateSet({ intendedAt: sql<Date>`now()` }),
      )
      // PostgreSQL’s own mark of a row that this statement has inserted, not updated.
      .returning(['id', sql<boolean>`xmax = 0`.as('isFirst')])
      .executeTakeFirstOrThrow()
  );
}

export async function created(db: Executor, environmentId: number, ref: ObjectRef, uid: string): Promise<void> {
  await db
    .updateTable('ledger')
    .set({ uid, createdAt: sql<Date>`coalesce(created_at, now())` })
    .where('environmentId', '=', environmentId)
    .where('kind', '=', ref.kind)
    .where('name', '=', ref.name)
    .where('goneAt', 'is', null)
    .execute();
}

export async function gone(db: Executor, id: number): Promise<void> {
  await db
    .updateTable('ledger')
    .set({ goneAt: sql<Date>`now()` })
    .where('id', '=', id)
    .where('goneAt', 'is', null)
    .execute();
}

/** What is still there, newest first: the order in which it is taken down. */
export async function living(db: Executor, environmentId: number): Promise<LedgerEntry[]> {
  return db
    .selectFrom('ledger')
    .selectAll()
    .where('environmentId', '=', environmentId)
    .where('goneAt', 'is', null)
    .orderBy('id', 'desc')
    .execute();
}

/** A namespace that was made and is not confirmed as gone, with the row that it belongs to. */
export type LivingNamespace = Pick<Environment, 'id' | 'repositoryId' | 'wantedState'> &
  Pick<LedgerEntry, 'name' | 'uid'>;

/** Of all environments. */
export async function livingNamespaces(db: Executor): Promise<LivingNamespace[]> {
  return db
    .selectFrom('ledger')
    .innerJoin('environments', 'environments.id', 'ledger.environmentId')
    .select(['environments.id', 'environments.repositoryId', 'environments.wantedState', 'ledger.name', 'ledger.uid'])
    .where('ledger.kind', '=', 'Namespace')
    .where('ledger.goneAt', 'is', null)
    .orderBy('ledger.id')
    .execute();
}

export function entryRef(entry: LedgerEntry): ObjectRef {
  const { apiVersion, kind, name, namespace } = entry;
  return { apiVersion, kind, name, ...(namespace === null ? {} : { namespace }) };
}
