import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { embeddedPlaces } from '../postgres/embedded.ts';
import { visitEmbeddedPostgres } from '../postgres/visit.ts';
import type { Settings } from '../settings.ts';
import { openDatabase, type Address, type Database } from '../store/database.ts';
import { DatabaseTooOld, migrationNames, oldestServer } from '../store/migrate.ts';
import type { Verdict } from './check.ts';
import { withoutAccount } from './settings-check.ts';

export interface DatabaseReport {
  readonly verdict: Verdict;
  /** The id that marks objects in the cluster; undefined before the first start of a server. */
  readonly instance: string | undefined;
}

/**
 * Whether the database can be written, by writing and taking it back. Its schema is not touched: a doctor of a newer version must not
 * migrate under an older server. An embedded one that runs is used as it is; one that does not is started for the time being.
 */
export async function checkDatabase(settings: Settings, log: Logger): Promise<DatabaseReport> {
  const { DATABASE_URL: url, dataDir } = settings;
  if (url !== undefined) return look({ connectionString: url }, `DATABASE_URL, ${withoutAccount(url)}`);
  if (!existsSync(join(embeddedPlaces(dataDir).data, 'PG_VERSION'))) {
    return {
      verdict: { ok: true, detail: `the first start makes an embedded PostgreSQL in ${dataDir}` },
      instance: undefined,
    };
  }
  await using visit = await visitEmbeddedPostgres({ dataDir, log });
  return await look(visit.address, `embedded, in ${dataDir}`);
}

async function look(address: Address, which: string): Promise<DatabaseReport> {
  const db = openDatabase(address, () => {}, 1);
  try {
    const facts = await factsOf(db);
    const verdict = judge(facts, which) ?? (await writeAndTakeBack(db, facts, which));
    return { verdict, instance: facts.instance };
  } finally {
    await db.destroy();
  }
}

interface Facts {
  readonly number: number;
  readonly version: string;
  readonly standby: boolean;
  readonly readOnly: boolean;
  readonly migrations: readonly string[];
  readonly instance: string | undefined;
}

async function factsOf(db: Database): Promise<Facts> {
  const { rows } = await sql<Omit<Facts, 'migrations' | 'instance'> & { migrated: boolean }>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
      pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as read_only,
      to_regclass('migrations') is not null as migrated`.execute(db);
  const [first] = rows;
  if (!first) throw new Error('the database answers with nothing');
  const { migrated, ...facts } = first;
  if (!migrated) return { ...facts, migrations: [], instance: undefined };
  const applied = await sql<{ name: string }>`select name from migrations order by name`.execute(db);
  const instance = await sql<{ id: string }>`select id from instance`.execute(db);
  return { ...facts, migrations: applied.rows.map(({ name }) => name), instance: instance.rows[0]?.id };
}

/** What is wrong without any write, or undefined. */
function judge({ number, version, standby, readOnly, migrations }: Facts, which: string): Verdict | undefined {
  const name = `PostgreSQL ${version} (${which})`;
  if (number < oldestServer) {
    const error = new DatabaseTooOld({ version });
    return { ok: false, detail: `${error.message} (${which})`, hint: error.hint };
  }
  if (standby || readOnly) {
    return {
      ok: false,
      detail: `${name} ${standby ? 'is a standby' : 'accepts no writes'}: it can only be read`,
      hint: 'Point DATABASE_URL at the primary server.',
    };
  }
  const unknown = migrations.filter((migration) => !migrationNames().includes(migration));
  if (unknown.length === 0) return undefined;
  return {
    ok: false,
    detail: `${name} has been used by a newer Ephemera, which has run ${unknown.join(', ')}`,
    hint: 'Use that version or a newer one: there is no way back to an older schema.',
  };
}

async function writeAndTakeBack(
  db: Database,
  { version, migrations, instance }: Facts,
  which: string,
): Promise<Verdict> {
  class TakenBack extends Error {}
  await db
    .transaction()
    .execute(async (tx) => {
      // A table, as the next migration would make one; and a row, which needs room on the disk.
      await sql`create table ephemera_doctor (at timestamptz)`.execute(tx);
      await sql`insert into ephemera_doctor values (now())`.execute(tx);
      throw new TakenBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
  const pending = migrationNames().length - migrations.length;
  const schema =
    pending === 0 ? 'its schema is the present one' : `the next start of the server runs ${pending} migrations`;
  const id = instance === undefined ? '' : `, instance ${instance}`;
  return { ok: true, detail: `PostgreSQL ${version} (${which}) can be written; ${schema}${id}` };
}
