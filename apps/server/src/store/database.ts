import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { renewedPool } from './renewed-pool.ts';
import type { Tables } from './schema.ts';

/** A database or a transaction of it. Store functions take it first: the caller owns the transaction. */
export type Executor = Kysely<Tables> | Transaction<Tables>;
export type Database = Kysely<Tables>;

/** How to reach PostgreSQL: a URL, or the folder of a Unix socket. Passwords stay in here and are never logged. */
export type Address =
  | { readonly connectionString: string }
  | { readonly host: string; readonly user: string; readonly database: string };

const connectTimeoutMs = 5_000;
/** No statement of ours is long; one that hangs would hold a lease and a connection. */
const statementTimeoutMs = 15_000;
const queryTimeoutMs = 20_000;

/** A peer that vanished is noticed after about 20 s; the system's own default is two hours. */
const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/** GitHub's ids and our counters are far below 2^53, so `bigint` is a number here. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

export function openDatabase(address: Address, onIdleError: (error: Error) => void, maxConnections = 10): Database {
  const { pool, use } = renewedPool(
    {
      ...address,
      types,
      max: maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      // The server's own limit says nothing on a connection that is half open.
      query_timeout: queryTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
      ...keepAlive,
    },
    onIdleError,
  );
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  uses.set(db, use);
  return db;
}

/** Kysely hides its pool. */
const uses = new WeakMap<Database, () => { readonly inUse: number; readonly waiting: number }>();

/** How many connections are in use right now, and how many queries wait for one. */
export function poolUse(db: Database): { inUse: number; waiting: number } {
  return uses.get(db)?.() ?? { inUse: 0, waiting: 0 };
}

export function listenClient(address: Address): pg.Client {
  return new pg.Client({
    ...address,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    ...keepAlive,
  });
}

const goodbyeMs = 1_000;

/** Ends such a client, at the latest after a second: a connection that is half open never hears the goodbye. */
export async function hangUp(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), goodbyeMs);
  await client.end().catch(() => {});
  clearTimeout(timer);
}
