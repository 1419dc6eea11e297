import type { Cluster } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { sql } from 'kysely';
import { kept } from '../kept.ts';
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
  /** The connections of deliveries, which may be used up while others are free. Default: `db`. */
  readonly intakeDb?: Database | undefined;
  readonly cluster: Pick<Cluster, 'version'>;
  /** Default: never. */
  readonly stopping?: (() => boolean) | undefined;
}

export function createReadiness({ db, intakeDb = db, cluster, stopping = () => false }: ReadinessDeps): Readiness {
  const database = told(() => Promise.all([...new Set([db, intakeDb])].map(writable)));
  const reachable = told(() => cluster.version({ timeoutMs: deadlineMs }));
  return async () => {
    const [databaseAnswer, clusterAnswer] = await Promise.all([database(), reachable()]);
    // Asked last and never kept: a server that stops is not ready from that moment on.
    const server = stopping() ? { server: 'the server is stopping' } : {};
    const checks = { database: databaseAnswer, cluster: clusterAnswer, ...server };
    return { ready: Object.values(checks).every((answer) => answer === 'ok'), checks };
  };
}

/** What a check says, good for a second, and at the latest after the deadline. */
function told(run: () => Promise<unknown>): () => Promise<string> {
  const answer = kept(
    () =>
      run().then(
        () => 'ok',
        (error: unknown) => withoutSecrets(messageOf(error)),
      ),
    keepMs,
  );
  return () => within(answer(), deadlineMs, () => new Error(`no answer within ${deadlineMs} ms`)).catch(messageOf);
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
