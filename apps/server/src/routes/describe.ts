import type { Cluster } from '@ephemera/kube';
import { pino } from 'pino';
import { buildApp } from '../app.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { openDatabase } from '../store/database.ts';

/**
 * The OpenAPI description as `/api/openapi.json` has it, for the reference page. The routes are registered and none is asked, so the pool
 * never connects to its address and nobody speaks to the cluster.
 */
export async function describeApi(): Promise<object> {
  const log = pino({ level: 'silent' });
  const db = openDatabase({ connectionString: 'postgresql://nobody@127.0.0.1:1/nothing' }, () => {});
  const app = await buildApp({
    db,
    cluster: {} as Cluster,
    clusterName: '',
    baseDomain: 'localhost',
    webhookSecrets: undefined,
    wake: () => {},
    metrics: createMetrics({ db, overdueAfterMs: 0, writeLimits: { minute: 0, hour: 0 }, log }),
    log,
  });
  try {
    await app.ready();
    return app.swagger();
  } finally {
    await app.close();
    await db.destroy();
  }
}
