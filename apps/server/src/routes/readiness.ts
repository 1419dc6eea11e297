import type { Cluster } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { sql } from 'kysely';
import { withoutSecrets } from '../logging/secrets.ts';
import type { Database } from '../store/database.ts';
import { within } from '../within.ts';

/** What has to work so that this server can do its own: `ok`, or why it does not. */
export interface Checks {
  readonly database: string;
  readonly cluster: string;
  /** Only where the server itself is the reason. */
  readonly server?: string;
}

/** One look at everything, at most once a second, however many ask. */
export type Readiness = () => Promise<{ readonly ready: boolean; readonly checks: Checks }>;

const deadlineMs = 2_000;
const keepMs = 1_000;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html: read_only_sql_transaction */
const readOnly = '25006';

interface ReadinessDeps {
  readonly db: Database;
  readonly cluster: Pick<Cluster, 'version'>;
  /** Default: never. */
  readonly stopping?: (() => boolean) | undefined;
}

export function createReadiness({ db, cluster, stopping = () => false }: ReadinessDeps): Readiness {
  const database = kept(() => writable(db));
  const reachable = kept(() => cluster.version({ timeoutMs: deadlineMs }));
  return async () => {
    const [databaseAnswer, clusterAnswer] = await Promise.all([database(), reachable()]);
    // Asked last and never kept: a server that stops is not ready from that moment on.
    const server = stopping() ? { server: 'the server is stopping' } : {};
    const checks = { database: databaseAnswer, cluster: clusterAnswer, ...server };
    return { ready: Object.values(checks).every((answer) => answer === 'ok'), checks };
  };
}

/**
 * The answer of a check, which is good for a second. A check that hangs is not started again beside itself: whoever asks in the
 * meantime waits for the same one, at most for the deadline, so that asking cannot use up the connections.
 */
function kept(run: () => Promise<unknown>): () => Promise<string> {
  let running: Promise<string> | undefined;
  let last: { readonly answer: string; readonly at: number } | undefined;
  const begin = () =>
    run()
      .then(
        () => 'ok',
        (error: unknown) => withoutSecrets(messageOf(error)),
      )
      .then((answer) => {
        last = { answer, at: performance.now() };
        running = undefined;
        return answer;
      });
  return async () => {
    if (last && performance.now() - last.at < keepMs) return last.answer;
    running ??= begin();
    return within(running, deadlineMs, () => new Error(`no answer within ${deadlineMs} ms`)).catch(messageOf);
  };
}

/**
 * Writes, and does not only ask whether it might: a standby answers reads for days while every write fails, and a full disk or a lost
 * right shows only here. The row is the one that every database of ours has.
 */
async function writable(db: Database): Promise<void> {
  try {
    await sql`update instance set created_at = created_at`.execute(db);
  } catch (error) {
    // PostgreSQL names the statement; people want to know the state.
    if ((error as { code?: unknown }).code === readOnly) throw new Error('the database is read-only', { cause: error });
    throw error;
  }
}
