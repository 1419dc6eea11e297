import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, refText, type Job, type KubeObject, type ObjectRef } from '@ephemera/model';
import type { CompiledJob } from '../compile/index.ts';
import { NamespaceMissing, NamespaceTaken } from './errors.ts';
import { batchJob, jobRefOf, ownerInWords } from './job-ref.ts';

/** What is there of a job already, all of it its own. */
export interface Survey {
  readonly job: Job | undefined;
  /** Secrets, ConfigMaps and the Job, as they were read, by `kind/namespace/name`. */
  readonly present: ReadonlyMap<string, KubeObject>;
  /** `unknown`: this account may not read it. */
  readonly namespace: 'there' | 'missing' | 'unknown';
}

/**
 * Looks at everything that a run would write, before anything is written: a run that has to be refused changes nothing at all.
 * Throws `kube.foreign`, `kube.terminating`, `job.namespace_missing`, `job.namespace_taken`. `cluster`: as the job's owner.
 */
export async function survey(cluster: Cluster, compiled: CompiledJob, signal?: AbortSignal): Promise<Survey> {
  const wanted = compiled.objects.filter(({ kind }) => kind !== 'Namespace').map(refOf);
  const [read, namespace] = await Promise.all([
    Promise.all(wanted.map((ref) => cluster.get(ref, signal))),
    surveyNamespace(cluster, compiled, signal),
  ]);
  const present = read.filter((object) => object !== undefined);
  const others = present.find((object) => !isOwned(object, cluster.owner));
  if (others) throw foreign(compiled, others);
  const ending = present.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (ending) throw new kubeErrors.Terminating({ what: describeRef(refOf(ending)) });
  const jobText = refText(batchJob(jobRefOf(compiled)));
  return {
    job: present.find((object): object is Job => refText(refOf(object)) === jobText),
    present: new Map(present.map((object) => [refText(refOf(object)), object])),
    namespace,
  };
}

async function surveyNamespace(
  cluster: Cluster,
  compiled: CompiledJob,
  signal?: AbortSignal,
): Promise<Survey['namespace']> {
  const { namespace: name, name: job } = jobRefOf(compiled);
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name };
  const asked = compiled.namespace !== undefined;
  const found = await cluster.get(ref, signal).catch((error: unknown) => {
    // Whoever works inside one namespace often may not read it, and need not.
    if (error instanceof kubeErrors.Forbidden && !asked) return 'unreadable' as const;
    throw error;
  });
  if (found === 'unreadable') return 'unknown';
  if (!found) {
    if (!asked) throw new NamespaceMissing({ namespace: name });
    return 'missing';
  }
  if (asked && !isOwned(found, cluster.owner))
    throw new NamespaceTaken({ namespace: name, job, owner: ownerInWords(found) });
  if (found.metadata.deletionTimestamp !== undefined) throw new kubeErrors.Terminating({ what: describeRef(ref) });
  return 'there';
}

function foreign(compiled: CompiledJob, object: KubeObject): Error {
  const what = `${describeRef(refOf(object))}, which KubernetesJob ${jobRefOf(compiled).name} needs,`;
  return new kubeErrors.Foreign({ what, owner: ownerInWords(object) });
}
