import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import type { Job, KubeObject } from '@ephemera/model';
import { requestAnnotation } from '../objects/job.ts';
import { jobOwner } from '../objects/labels.ts';
import { repositorySecret, type RepositorySecret, type SecretPlace } from '../objects/secret.ts';
import { ownerReferenceTo, type OwnerReference } from './owners.ts';
import { refuseReaders } from './readers.ts';
import type { PrJobTarget } from './target.ts';

export interface SecretOrder extends SecretPlace {
  readonly target: PrJobTarget;
  readonly request: string;
  readonly signal: AbortSignal | undefined;
}

/** `none`: the job needs none. `taken`: another request has it, and the name of its Job. */
export type SecretOutcome = 'none' | 'taken' | { readonly secret: KubeObject; readonly isNew: boolean };

/**
 * Makes the Secret of one Job. One that an earlier attempt of the same request has left without a Job is replaced: its token may have
 * expired since. Where somebody may read it, it is removed again, and `pr_job.readable` thrown.
 */
export async function makeSecret(cluster: Cluster, order: SecretOrder): Promise<SecretOutcome> {
  const { target, request, signal, jobName } = order;
  const secret = secretOf(order);
  if (!secret) return 'none';
  const owned = cluster.as(jobOwner(target));
  return createUnread(cluster, { order, secret }, async () => {
    const made = await owned.create(secret, signal);
    if (made.created) return { secret: made.object, isNew: true };
    if (made.object.metadata.annotations?.[requestAnnotation] !== request) return 'taken';
    const job = { apiVersion: 'batch/v1', kind: 'Job', namespace: target.namespace, name: jobName };
    if (await owned.get(job, signal)) return { secret: made.object, isNew: false };
    await owned.remove(refOf(secret), { uid: made.object.metadata.uid, signal });
    return { secret: (await owned.create(secret, signal)).object, isNew: true };
  });
}

/**
 * Makes the Secret go with its Job, whatever removes that. A cleanup that ran meanwhile may have taken it for a leftover: then it is made
 * again. `read`: it, as it was just written or read. Default: it is read.
 */
export async function ownSecret(cluster: Cluster, order: SecretOrder, job: Job, read?: KubeObject): Promise<void> {
  const secret = secretOf(order);
  if (!secret) return;
  const { target, signal } = order;
  const owned = cluster.as(jobOwner(target));
  const ownerReferences = [ownerReferenceTo(job)];
  try {
    const present = read ?? (await owned.get(refOf(secret), signal));
    if (!present) throw new kubeErrors.NotFound({ what: secret.metadata.name });
    if (isOwnedBy(present, job)) return;
    const { uid } = present.metadata;
    await owned.patch(refOf(secret), { uid, read: present, merge: { metadata: { ownerReferences } } }, signal);
  } catch (error) {
    if (!(error instanceof kubeErrors.NotFound)) throw error;
    const again = { ...secret, metadata: { ...secret.metadata, ownerReferences } };
    await createUnread(cluster, { order, secret }, async () => {
      const { object, created } = await owned.create(again, signal);
      return { secret: object, isNew: created };
    });
  }
}

interface Unread {
  readonly order: SecretOrder;
  readonly secret: RepositorySecret;
}

/** Makes a Secret where nobody else reads Secrets, and looks again once it is there: a Role that comes later is one whose maker can see it. */
async function createUnread(
  cluster: Cluster,
  { order: { target, signal }, secret }: Unread,
  make: () => Promise<SecretOutcome>,
): Promise<SecretOutcome> {
  await refuseReaders(cluster, target, signal);
  const made = await make();
  if (typeof made === 'string' || !made.isNew) return made;
  try {
    await refuseReaders(cluster, target, signal);
    return made;
  } catch (error) {
    await cluster.as(jobOwner(target)).remove(refOf(secret), { uid: made.secret.metadata.uid });
    throw error;
  }
}

function isOwnedBy({ metadata }: KubeObject, job: Job): boolean {
  const { ownerReferences = [] }: KubeObject['metadata'] & { readonly ownerReferences?: readonly OwnerReference[] } =
    metadata;
  return ownerReferences.some(({ uid }) => uid === job.metadata.uid);
}

function secretOf(order: SecretOrder) {
  const secret = repositorySecret(order);
  if (!secret) return undefined;
  const annotations = { [requestAnnotation]: order.request };
  return { ...secret, metadata: { ...secret.metadata, annotations } };
}
