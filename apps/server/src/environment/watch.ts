import type { Change, Cluster } from '@ephemera/kube';
import { messageOf, type KubeObject } from '@ephemera/model';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';
import { environmentByNamespace } from '../store/environments.ts';
import { enqueue } from '../store/work.ts';

/**
 * One watch over all our namespaces turns every change of one into work for its environment, so no environment is polled.
 * Losing an event costs time only: the watch lists again regularly, and a removal looks again by itself.
 */
export async function watchNamespaces(
  deps: { db: Database; cluster: Cluster; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { db, cluster, log } = deps;

  async function wake(namespace: KubeObject): Promise<void> {
    const environment = await environmentByNamespace(db, namespace.metadata.name);
    if (environment)
      await enqueue(db, {
        kind: 'environment',
        key: String(environment.id),
        fairKey: String(environment.repositoryId),
      });
  }

  function onChange(change: Change<KubeObject>): void {
    // A list says nothing new about what exists already; what has disappeared meanwhile is the sweep's business.
    if (change.type === 'listed') return;
    const { object } = change;
    if (change.type === 'changed' && object.metadata.deletionTimestamp === undefined) return;
    wake(object).catch((error: unknown) =>
      log.warn({ err: error, namespace: object.metadata.name }, 'a change of a namespace could not be noted'),
    );
  }

  await cluster.watch<KubeObject>('v1/Namespace', {
    labelSelector: cluster.ours,
    signal,
    onChange,
    onError: (error) => log.warn({ problem: messageOf(error) }, 'the watch on namespaces broke and starts again'),
  });
}
