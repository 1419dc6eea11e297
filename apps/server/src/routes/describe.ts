import type { Cluster } from '@ephemera/kube';
import { pino } from 'pino';
import { buildApp } from '../app.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { createClusters } from '../pr-jobs/clusters.ts';
import { policyOf } from '../pr-jobs/policy.ts';
import { clusterHosts } from '../sandboxes/hosts.ts';
import { sandboxPolicyOf } from '../sandboxes/policy.ts';
import { readSettings } from '../settings.ts';
import { openDatabase } from '../store/database.ts';

/**
 * The OpenAPI description as `/api/openapi.json` has it, for the reference page. The routes are registered and none is asked, so the pool
 * never connects to its address and nobody speaks to the cluster.
 */
export async function describeApi(): Promise<object> {
  const log = pino({ level: 'silent' });
  const db = openDatabase({ connectionString: 'postgresql://nobody@127.0.0.1:1/nothing' }, () => {});
  const cluster = {} as Cluster;
  const clusters = createClusters({ own: cluster, ownNames: [], instance: '', environment: {} });
  const app = await buildApp({
    db,
    cluster,
    clusterName: '',
    baseDomain: 'localhost',
    webhookSecrets: undefined,
    wake: () => {},
    prJobs: { clusters, instance: '', policy: policyOf(readSettings({})) },
    sandboxes: { hostOf: clusterHosts({ cluster, instance: '' }), policy: sandboxPolicyOf(readSettings({})) },
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
