import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
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

/** GitHub's ids and our counters are far below 2^53, so `bigint` is a number here. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

export function openDatabase(address: Address, onIdleError: (error: Error) => void, maxConnections = 10): Database {
  const pool = new pg.Pool({
    ...address,
    types,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server's own limit says nothing on a connection that is half open.
    query_timeout: queryTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
  });
  // Without a listener an idle connection that breaks ends the process.
  pool.on('error', onIdleError);
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}

export function listenClient(address: Address): pg.Client {
  return new pg.Client({ ...address, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true });
}
