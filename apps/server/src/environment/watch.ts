import type { Change, Cluster } from '@ephemera/kube';
import { messageOf, type KubeObject } from '@ephemera/model';
import type { Logger } from 'pino';
import { livingNamespaces } from '../ledger/ledger.ts';
import type { Database } from '../store/database.ts';
import { environmentByNamespace, environmentsByNamespaces } from '../store/environments.ts';
import type { Environment } from '../store/schema.ts';
import { waitingKeys } from '../store/waiting.ts';
import { enqueue } from '../store/work.ts';
import { foreignObject } from './decide.ts';
import { foundAgain, isBack } from './found-again.ts';
import { enqueueEnvironment } from './transition.ts';

/** Longer than a list takes on its way, shorter than the removal of a namespace. */
const onTheWayMs = 5_000;

/**
 * One watch over all our namespaces turns every change of one into work for its environment, so no environment is polled.
 * Losing an event costs time only: the watch lists again regularly, and a removal looks again by itself.
 */
export async function watchNamespaces(
  deps: { db: Database; cluster: Cluster; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { db, cluster, log } = deps;

  const wake = (environment: Pick<Environment, 'id' | 'repositoryId'>) => enqueueEnvironment(db, environment);

  async function changed(namespace: KubeObject): Promise<void> {
    const environment = await environmentByNamespace(db, namespace.metadata.name);
    if (environment) await wake(environment);
  }

  /** What happened while nobody watched: at the start, and whenever the watch broke. */
  async function listed(objects: readonly KubeObject[], at: Date): Promise<void> {
    const byName = new Map(objects.map((object) => [object.metadata.name, object]));
    for (const environment of await environmentsByNamespaces(db, [...byName.keys()])) {
      const found = byName.get(environment.namespace);
      if (found === undefined) continue;
      if (isBack(environment, found, at)) await foundAgain(db, environment, found);
      else if (found.metadata.deletionTimestamp !== undefined || isReturned(environment)) await wake(environment);
    }
    for (const line of await livingNamespaces(db)) if (!byName.has(line.name)) await wake(line);
  }

  /** Namespaces that left the watch without being deleted: somebody took our mark off. Few, as each took a hand. */
  const unmarked = new Set<string>();
  let wasAway = false;

  /** After a long outage the work that failed in it would wait for up to five minutes more, although the cluster is back. */
  async function back(): Promise<void> {
    if (!wasAway) return;
    wasAway = false;
    for (const key of await waitingKeys(db, 'environment')) await enqueue(db, { kind: 'environment', key });
  }

  /** Most changes of a namespace that is there to stay concern nobody. */
  function isNews({ type, object }: Exclude<Change<KubeObject>, { type: 'listed' }>): boolean {
    const { name, deletionTimestamp } = object.metadata;
    const isReturned = unmarked.delete(name);
    if (type === 'deleted' && deletionTimestamp === undefined) unmarked.add(name);
    return type === 'deleted' || deletionTimestamp !== undefined || isReturned;
  }

  function onChange(change: Change<KubeObject>): void {
    let noted: Promise<void>;
    if (change.type === 'listed') noted = listed(change.objects, new Date(Date.now() - onTheWayMs)).then(back);
    else if (!isNews(change)) return;
    else noted = changed(change.object);
    noted.catch((error: unknown) => log.warn({ err: error }, 'a change of a namespace could not be noted'));
  }

  await cluster.watch<KubeObject>('v1/Namespace', {
    labelSelector: cluster.ours,
    signal,
    onChange,
    onError: (error) => {
      wasAway = true;
      log.warn({ problem: messageOf(error) }, 'the watch on namespaces broke and starts again');
    },
  });
}

/** Its namespace is among ours again, though the row says that it is somebody else's. */
function isReturned({ status, wantedState, reason }: Environment): boolean {
  return status === 'failed' && wantedState === 'open' && reason === foreignObject;
}
