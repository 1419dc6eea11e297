import type { KubeObject } from '@ephemera/model';
import { again, done } from '../../work/outcome.ts';
import type { Step } from '../step.ts';

/** Waits until the cluster counts against the quota. Before that a pod could slip in, or be refused without a reason. */
export const enforced: Step = {
  name: 'quota',
  run: async ({ environment, cluster, claim }) => {
    const quota = await cluster.get<KubeObject & { status?: { hard?: object } }>(
      { apiVersion: 'v1', kind: 'ResourceQuota', namespace: environment.namespace, name: 'environment' },
      claim.signal,
    );
    return quota?.status?.hard ? done() : again({ afterMs: 200, because: 'the quota is not counted yet' });
  },
};
