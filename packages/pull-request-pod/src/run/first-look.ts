import type { Cluster } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import { jobOwner } from '../objects/labels.ts';
import type { RoleProfile } from '../pull-request-pod.ts';
import { readAccount, type FoundAccount } from './account-refs.ts';
import { atOnce } from './at-once.ts';
import { ensureGuard, type Guard } from './guard.ts';
import { readNamespace } from './namespace.ts';
import type { NamespaceLabels } from './namespace-labels.ts';
import { refuseForeignSecrets } from './secrets.ts';
import type { PrJobTarget } from './target.ts';

export interface FirstLook {
  /** Of the namespace. Undefined: they cannot be read. */
  readonly labels: NamespaceLabels | undefined;
  readonly guard: Guard;
  readonly account: FoundAccount;
  /** Of the name that was asked for; whoever made it. */
  readonly job: Job | undefined;
  /** Throws what the profile is refused with: kept for later, as it is of no interest where the Job is there already. */
  readonly admitProfile: () => void;
}

export interface Looking {
  readonly profile: RoleProfile;
  /** A Job that may be there. Default: none is looked for. */
  readonly jobName?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything that a create has to know before it writes, all at once: none of it needs the answer of another. Throws
 * `pr_job.namespace_missing`, `kube.terminating` and what reading throws.
 */
export async function lookFirst(
  cluster: Cluster,
  target: PrJobTarget,
  { profile, jobName, signal }: Looking,
): Promise<FirstLook> {
  const { namespace } = target;
  const [where, job, account, guard, refusal] = await atOnce([
    readNamespace(cluster, namespace, signal),
    jobName === undefined ? undefined : readJob(cluster, target, { jobName, signal }),
    readAccount(cluster, target, signal),
    ensureGuard(cluster, signal),
    profile === 'minimal' ? undefined : thrownBy(refuseForeignSecrets(cluster, target, signal)),
  ]);
  return {
    labels: where && (where.metadata.labels ?? {}),
    guard,
    account,
    job,
    admitProfile: () => {
      if (refusal) throw refusal.thrown;
    },
  };
}

function readJob(
  cluster: Cluster,
  target: PrJobTarget,
  { jobName, signal }: { readonly jobName: string; readonly signal: AbortSignal | undefined },
): Promise<Job | undefined> {
  const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: target.namespace, name: jobName };
  return cluster.as(jobOwner(target)).get<Job>(ref, signal);
}

function thrownBy(work: Promise<void>): Promise<{ readonly thrown: unknown } | undefined> {
  return work.then(
    () => undefined,
    (thrown: unknown) => ({ thrown }),
  );
}
