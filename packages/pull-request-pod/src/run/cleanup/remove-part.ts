import { refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import type { Part } from './part.ts';

/** Whoever only asks for these would leave their pods behind, or not know when they are gone. */
const waitForPods: ReadonlySet<KnownKind> = new Set(['batch/v1/Job', 'apps/v1/Deployment', 'apps/v1/StatefulSet']);

/** Asks the cluster to remove one part, by its UID: one of its name that comes later is another one. */
export async function removePart(cluster: Cluster, part: Part, signal?: AbortSignal): Promise<void> {
  const { object, kind, owner, whose } = part;
  await cluster.as(owner).remove(refOf(object), {
    uid: object.metadata.uid,
    propagation: waitForPods.has(kind) ? 'Foreground' : 'Background',
    adopt: whose === 'unmarked' ? 'unmarked' : 'never',
    signal,
  });
}
