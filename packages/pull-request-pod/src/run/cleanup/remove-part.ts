import { refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import type { Part } from './part.ts';

/** Whoever only asks for these would leave their pods behind, or not know when they are gone. */
const waitForPods: ReadonlySet<KnownKind> = new Set(['batch/v1/Job', 'apps/v1/Deployment', 'apps/v1/StatefulSet']);

/** What a Job that comes meanwhile is written into, because it needs it: every create does so after it has made its Job. */
const writtenByCreate: ReadonlySet<KnownKind> = new Set([
  'v1/ServiceAccount',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
  'v1/Secret',
]);

/**
 * Asks the cluster to remove one part, by its UID: one of its name that comes later is another one. Throws `kube.conflict` when a Job has
 * come to need it since the look that it was found by: look again.
 */
export async function removePart(cluster: Cluster, part: Part, signal?: AbortSignal): Promise<void> {
  const { object, kind, owner, whose } = part;
  await cluster.as(owner).remove(refOf(object), {
    uid: object.metadata.uid,
    ...(writtenByCreate.has(kind) && { resourceVersion: object.metadata.resourceVersion }),
    propagation: waitForPods.has(kind) ? 'Foreground' : 'Background',
    adopt: whose === 'unmarked' ? 'unmarked' : 'never',
    signal,
  });
}
