import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ActiveRule } from './occurrences.ts';
import { commitRules, statementRules } from './postgres-rules.ts';
import type { Commit, CommitRule, Statement, StatementRule } from './postgres-rules.ts';
import { PostgresSession } from './postgres-session.ts';

/**
 * A proxy in front of a real PostgreSQL that understands enough of the wire protocol to see each statement and each commit.
 *
 *   await using database = await cloneDatabase();
 *   await using postgres = await startPostgresProxy(database.address);
 *   startServerProcess({ DATABASE_URL: postgres.url, … });
 *   const lost = postgres.commit({ change: /insert into "?deliveries/, nth: 1, fate: 'forward-and-drop' });
 *   await lost.answered;                                                     // committed; the server will never hear of it
 *   postgres.statement({ statement: /^insert/, fate: { error: { code: '53100', message: 'could not extend file' } } });
 *   postgres.freeze();                                                       // half open: nothing passes, nobody is told
 *   await postgres.down(); … await postgres.up();
 */
export interface PostgresProxy extends AsyncDisposable {
  /** A value of DATABASE_URL. */
  readonly url: string;
  /** Decides about statements when they arrive. */
  statement(rule: StatementRule): ActiveRule<Statement>;
  /** Decides about changes in the moment before they become durable; reads and changes of no row are none. */
  commit(rule: CommitRule): ActiveRule<Commit>;
  /** Takes all rules back. What is held stays held. */
  clear(): void;
  /** Lets go on what is held. */
  release(): void;
  /** On the connections of now no byte passes any more, and none is closed. New ones work. */
  freeze(): void;
  /** New connections are taken, and then nothing is said on them either. Until `thaw`. */
  freezeNew(): void;
  /** Ends `freezeNew` for connections that come from now on; those that are frozen stay so. */
  takeNew(): void;
  thaw(): void;
  /**
   * Makes the sessions of now read-only for good, by a statement of our own between theirs: what a client finds that is still connected
   * to a primary demoted meanwhile. New connections find a writable server.
   */
  demote(): Promise<void>;
  /** Resets the connections of now. */
  reset(): void;
  /** Resets all connections and refuses new ones. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  /** How many connections are open. */
  readonly connections: () => number;
}

export interface Behind {
  /** The folder of the Unix socket. */
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly database: string;
}

export async function startPostgresProxy({ host, port = 5432, user, database }: Behind): Promise<PostgresProxy> {
  const statements = statementRules();
  const commits = commitRules();
  const sessions = new Set<PostgresSession>();
  let release = Promise.withResolvers<void>();
  let silent = false;
  const rules = { statements, commits, released: () => release.promise };

  const server = createServer((client) => {
    client.setNoDelay();
    const session = new PostgresSession(client, { path: join(host, `.s.PGSQL.${port}`) }, rules);
    sessions.add(session);
    if (silent) session.freeze();
    client.once('close', () => sessions.delete(session));
  });
  const listen = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const own = await listen(0);
  const reset = (): void => sessions.forEach((session) => session.reset());
  const down = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    reset();
    await closed;
  };
  return {
    url: `postgresql://${user}@127.0.0.1:${own}/${database}`,
    statement: (rule) => statements.add(rule),
    commit: (rule) => commits.add(rule),
    clear: () => {
      statements.clear();
      commits.clear();
    },
    release: () => {
      release.resolve();
      release = Promise.withResolvers<void>();
    },
    freeze: () => sessions.forEach((session) => session.freeze()),
    freezeNew: () => {
      silent = true;
    },
    takeNew: () => {
      silent = false;
    },
    demote: async () => {
      await Promise.all(
        [...sessions].map((session) => session.between('set session characteristics as transaction read only')),
      );
    },
    thaw: () => {
      silent = false;
      sessions.forEach((session) => session.thaw());
    },
    reset,
    down,
    up: async () => void (await listen(own)),
    connections: () => sessions.size,
    [Symbol.asyncDispose]: down,
  };
}
