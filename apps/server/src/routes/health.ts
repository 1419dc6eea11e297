import type { Cluster } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Database } from '../store/database.ts';
import { within } from '../within.ts';

const checkTimeoutMs = 3_000;

export interface HealthDeps {
  readonly db: Database;
  readonly cluster: Cluster;
}

/** `/health`: the process runs. `/health/ready`: it can do its work, with the reason for each part that cannot. */
export async function healthRoutes(app: FastifyInstance, deps: HealthDeps): Promise<void> {
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (_request, reply) => {
    const checks = await readiness(deps);
    const ready = Object.values(checks).every((result) => result === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unavailable', checks });
  });
}

export async function readiness({ db, cluster }: HealthDeps): Promise<Record<'database' | 'cluster', string>> {
  const [database, clusterAnswer] = await Promise.all([
    check(within(writable(db), checkTimeoutMs, () => new Error(`no answer within ${checkTimeoutMs} ms`))),
    check(cluster.version({ timeoutMs: checkTimeoutMs })),
  ]);
  return { database, cluster: clusterAnswer };
}

/** A standby answers reads for days while every write fails; only the ability to write counts. */
async function writable(db: Database): Promise<void> {
  const { rows } = await sql<{
    readOnly: boolean;
  }>`select current_setting('transaction_read_only') = 'on' or pg_is_in_recovery() as read_only`.execute(db);
  if (rows[0]?.readOnly !== false) throw new Error('the database is read-only');
}

async function check(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'ok',
    (error: unknown) => messageOf(error),
  );
}
