import pg from 'pg';

/** Of a server that went silent, or that takes no writes any more, every connection is suspect; each is replaced at most this often. */
const renewAfterMs = 1_000;
/** How long connections may take to say goodbye before their sockets are closed: one that is half open never hears it. */
const goodbyeMs = 2_000;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: a primary that was demoted, or a standby. */
const readOnly = '25006';
/** node-postgres has no code for a query that got no answer within `query_timeout`. */
const silent = 'Query read timeout';

export interface RenewedPool {
  /** The parts of a `pg.Pool` that Kysely uses. */
  readonly pool: { connect(): Promise<pg.PoolClient>; end(): Promise<void>; readonly options: object };
  readonly use: () => { readonly inUse: number; readonly waiting: number };
}

interface Opened {
  readonly pool: pg.Pool;
  readonly clients: Set<pg.PoolClient>;
  readonly idle: Set<pg.PoolClient>;
  readonly since: number;
}

/**
 * A pool that does not stay with a server which serves no more. node-postgres drops a connection that was closed; one that is half open,
 * or that leads to a primary demoted meanwhile, would go back into the pool after each error and fail the next caller, for hours.
 * After such an error the whole pool is abandoned: its idle connections lead to the same place, and new ones to where the address
 * leads now.
 */
export function renewedPool(config: pg.PoolConfig, onIdleError: (error: Error) => void): RenewedPool {
  let current = open();
  let ended = false;

  function open(): Opened {
    const pool = new pg.Pool(config);
    const clients = new Set<pg.PoolClient>();
    const idle = new Set<pg.PoolClient>();
    // Without a listener an idle connection that breaks ends the process.
    pool.on('error', onIdleError);
    pool.on('acquire', (client) => idle.delete(client));
    pool.on('release', (_error, client) => idle.add(client));
    pool.on('remove', (client) => {
      clients.delete(client);
      idle.delete(client);
    });
    pool.on('connect', (client) => {
      clients.add(client);
      // One that breaks while it is in use tells its query, and then everybody: that too would end the process.
      client.on('error', () => {});
      onQueryError(client, (problem) => {
        // Whatever is sent after an unanswered query would only queue up behind it, a rollback too.
        if (problem.message === silent) void client.end().catch(() => {});
        if (problem.message === silent || (problem as { code?: unknown }).code === readOnly) renew(pool);
      });
    });
    return { pool, clients, idle, since: performance.now() };
  }

  function renew(suspect: pg.Pool): void {
    if (ended || suspect !== current.pool || performance.now() - current.since < renewAfterMs) return;
    const { pool, idle } = current;
    current = open();
    // Those that are in use are closed when they are given back.
    void closed(pool, [...idle]);
  }

  return {
    pool: {
      connect: () => current.pool.connect(),
      end: async () => {
        ended = true;
        await closed(current.pool, current.clients);
      },
      options: config,
    },
    use: () => ({
      inUse: current.pool.totalCount - current.pool.idleCount,
      waiting: current.pool.waitingCount,
    }),
  };
}

/** Ends a pool. These of its connections get a moment for their goodbye; the pool itself waits for none of them. */
async function closed(pool: pg.Pool, hurried: Iterable<pg.PoolClient>): Promise<void> {
  setTimeout(() => {
    for (const client of hurried) client.connection.stream.destroy();
  }, goodbyeMs).unref();
  await pool.end().catch(() => {});
}

/** Promises only: nobody here asks a pooled client in another way. */
function onQueryError(client: pg.PoolClient, seen: (error: Error) => void): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    const result = query(...args);
    if (result instanceof Promise) result.catch(seen);
    return result;
  }) as typeof client.query;
}
