import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { Installation } from './schema.ts';

export async function installationById(db: Executor, id: number): Promise<Installation | undefined> {
  return db.selectFrom('installations').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Whether the App is installed at an account, suspended or not, as far as was heard. In whatever letters: GitHub tells none apart by them. */
export async function isInstalledAt(db: Executor, account: string): Promise<boolean> {
  const found = await db
    .selectFrom('installations')
    .select('id')
    .where(sql<string>`lower(account)`, '=', account.toLowerCase())
    .where('state', '<>', 'removed')
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

export async function listInstallations(db: Executor): Promise<Installation[]> {
  return db.selectFrom('installations').selectAll().orderBy('id').execute();
}

/** Makes the row of an installation that an event has named. What is known of it already stays. */
export async function noteInstallation(db: Executor, id: number): Promise<void> {
  await db
    .insertInto('installations')
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export interface InstallationFacts {
  readonly id: number;
  readonly account: string;
  readonly suspended: boolean;
  readonly permissions: Readonly<Record<string, string>>;
}

/** What GitHub says now of an installation that exists. */
export async function saveInstallation(db: Executor, facts: InstallationFacts): Promise<void> {
  const change = {
    account: facts.account,
    state: facts.suspended ? 'suspended' : 'active',
    permissions: JSON.stringify(facts.permissions),
  } as const;
  await db
    .insertInto('installations')
    .values({ id: facts.id, ...change })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...change, updatedAt: sql<Date>`now()` }))
    .execute();
}

/** GitHub said that there is no such installation. */
export async function markInstallationRemoved(db: Executor, id: number): Promise<void> {
  await db
    .insertInto('installations')
    .values({ id, state: 'removed' })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ state: 'removed', updatedAt: sql<Date>`now()` }))
    .execute();
}

/** All pull requests of the installation were compared. */
export async function markInstallationSwept(db: Executor, id: number): Promise<void> {
  await db
    .updateTable('installations')
    .set({ sweptAt: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}
