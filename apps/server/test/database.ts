import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { openDatabase, type Address, type Database } from '../src/store/database.ts';

/** A database of this test alone: a clone of the migrated template, dropped at the end. */
export interface TestDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly address: Address;
  /** The same as a value of DATABASE_URL. */
  readonly url: string;
}

export async function cloneDatabase(): Promise<TestDatabase> {
  return copyOf(inject('postgres').template);
}

/** One that no migration has seen. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return copyOf('template1');
}

async function copyOf(template: string): Promise<TestDatabase> {
  const { host, user } = inject('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer((client) => client.query(`create database ${name} template ${client.escapeIdentifier(template)}`));
  const address: Address = { host, user, database: name };
  const db = openDatabase(address, () => {}, 10);
  return {
    db,
    address,
    url: `postgresql://${user}@/${name}?host=${encodeURIComponent(host)}`,
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await administer((client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

async function administer(run: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const { host, user } = inject('postgres');
  const client = new pg.Client({ host, user, database: 'postgres' });
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}
