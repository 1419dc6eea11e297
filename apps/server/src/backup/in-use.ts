import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, type EphemeraError } from '@ephemera/model';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type pg from 'pg';
import { DatabaseUnreachable } from '../errors.ts';
import { hangUp, listenClient, type Address, type Executor } from '../store/database.ts';
import { DatabaseBeingRestored, DatabaseExchanged, DatabaseInUse } from './errors.ts';

/** Every server shares this lock for as long as it runs; whoever replaces all data takes it alone. */
const useLock = 727_003;
const retryMs = 1_000;

export interface DatabaseUse extends AsyncDisposable {
  /** From now on a connection that had broken and came back has to lead to this instance. */
  expect(instance: string): void;
  /** Settles when the database turned out to be another one, with the reason to end. Never, as a rule. */
  readonly lost: Promise<EphemeraError>;
}

/**
 * Says to all that a server uses the database, over a connection of its own. It breaks when the database restarts, and is made again for
 * as long as it takes. Throws `database.being_restored` when somebody has the database for himself.
 */
export async function useDatabase(address: Address, log: Logger): Promise<DatabaseUse> {
  const stopping = new AbortController();
  const { promise: lost, resolve: lose } = Promise.withResolvers<EphemeraError>();
  let expected: string | undefined;
  let current = await share(address);

  const keep = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      const next = await share(address).catch((error: unknown) => {
        log.debug({ err: error }, 'the connection that says that the database is in use cannot be made yet');
        return undefined;
      });
      if (next) {
        current = next;
        // Stopped in the meantime: the loop sees it at once.
        if (stopping.signal.aborted) await current.client.end().catch(() => {});
        const found = await instanceOf(current.client);
        if (expected !== undefined && found !== undefined && found !== expected) {
          lose(new DatabaseExchanged({ found, expected }));
          return;
        }
        if (found !== undefined) continue;
        // Whether it is the same one is still open: asked again over the next connection.
        await hangUp(current.client);
      }
      await wait(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
    }
  };
  const kept = keep();
  return {
    lost,
    expect: (instance) => {
      expected = instance;
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await current.client.end().catch(() => {});
      await kept;
    },
  };
}

/** Whether a server shares the database right now. One that comes later is not kept away. */
export async function isInUse(db: Executor): Promise<boolean> {
  // The lock in its two halves, as PostgreSQL lists it.
  const { rows } = await sql`
    select 1 from pg_locks
    where locktype = 'advisory' and classid = 0 and objid = ${useLock} and objsubid = 1 and granted
      and database = (select oid from pg_database where datname = current_database())
    limit 1`.execute(db);
  return rows.length > 0;
}

/** Throws `database.in_use` while a server shares the database; else nobody gets it before the transaction ends. */
export async function takeAlone(tx: Executor): Promise<void> {
  const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${useLock}) as mine`.execute(tx);
  if (!rows[0]?.mine) throw new DatabaseInUse({});
}

interface Shared {
  readonly client: pg.Client;
  readonly ended: Promise<void>;
}

async function share(address: Address): Promise<Shared> {
  const client = listenClient(address);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  client.once('end', resolve);
  // 'end' follows; without a listener the process would end.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock_shared($1) as mine', [useLock]);
    if (rows[0]?.mine) return { client, ended };
  } catch (error) {
    await client.end().catch(() => {});
    throw new DatabaseUnreachable({ problem: messageOf(error) }, { cause: error });
  }
  await client.end();
  throw new DatabaseBeingRestored({});
}

/** PostgreSQL's class for what is not there, or not for us. */
const notOurs = /^42/;
/** No id of an instance: those are hexadecimal. */
const none = 'none';

/** The id of this database, `none` for one that is not ours any more; undefined when the connection did not last until the answer. */
async function instanceOf(client: pg.Client): Promise<string | undefined> {
  try {
    const { rows } = await client.query<{ id: string }>('select id from instance');
    return rows[0]?.id ?? none;
  } catch (error) {
    return notOurs.test((error as { code?: string }).code ?? '') ? none : undefined;
  }
}
