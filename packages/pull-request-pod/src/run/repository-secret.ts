import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import type { Job, KubeObject } from '@ephemera/model';
import { requestAnnotation } from '../objects/job.ts';
import { jobOwner } from '../objects/labels.ts';
import { repositorySecret, type SecretPlace } from '../objects/secret.ts';
import { ownerReferenceTo } from './owners.ts';
import { refuseReaders } from './readers.ts';
import type { PrJobTarget } from './target.ts';

export interface SecretOrder extends SecretPlace {
  readonly target: PrJobTarget;
  readonly request: string;
  readonly signal: AbortSignal | undefined;
}

/** The Secret, if this call has made it. `there`: nothing had to be made. `taken`: another request has it, and the name of its Job. */
export type SecretOutcome = KubeObject | 'there' | 'taken';

/**
 * Makes the Secret of one Job. One that an earlier attempt of the same request has left without a Job is replaced: its token may have
 * expired since. Where somebody may read it, it is removed again, and `pr_job.readable` thrown.
 */
export async function makeSecret(cluster: Cluster, order: SecretOrder): Promise<SecretOutcome> {
  const { target, request, signal, jobName } = order;
  const secret = secretOf(order);
  if (!secret) return 'there';
  await refuseReaders(cluster, target, signal);
  const owned = cluster.as(jobOwner(target));
  let made = await owned.create(secret, signal);
  if (!made.created) {
    if (made.object.metadata.annotations?.[requestAnnotation] !== request) return 'taken';
    const job = await owned.get(
      { apiVersion: 'batch/v1', kind: 'Job', namespace: target.namespace, name: jobName },
      signal,
    );
    if (job) return 'there';
    await owned.remove(refOf(secret), { uid: made.object.metadata.uid, signal });
    made = await owned.create(secret, signal);
  }
  // Once more, now that it is there: a Role that comes later is one whose maker can see this Secret.
  await refuseReaders(cluster, target, signal).catch(async (error: unknown) => {
    await owned.remove(refOf(secret), { uid: made.object.metadata.uid });
    throw error;
  });
  return made.object;
}

/** Makes the Secret go with its Job, whatever removes that. A cleanup that ran meanwhile may have taken it for a leftover. */
export async function ownSecret(cluster: Cluster, order: SecretOrder, job: Job): Promise<void> {
  const { target, signal } = order;
  const secret = secretOf(order);
  if (!secret) return;
  const owned = cluster.as(jobOwner(target));
  const ownerReferences = [ownerReferenceTo(job)];
  try {
    await owned.patch(refOf(secret), { merge: { metadata: { ownerReferences } } }, signal);
  } catch (error) {
    if (!(error instanceof kubeErrors.NotFound)) throw error;
    await owned.create({ ...secret, metadata: { ...secret.metadata, ownerReferences } }, signal);
  }
}

function secretOf(order: SecretOrder) {
  const secret = repositorySecret(order);
  if (!secret) return undefined;
  const annotations = { [requestAnnotation]: order.request };
  return { ...secret, metadata: { ...secret.metadata, annotations } };
}
