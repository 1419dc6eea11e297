import { randomBytes } from 'node:crypto';
import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, refText, type Job, type KubeObject } from '@ephemera/model';
import { compile, type CompiledJob, type KubernetesJob, type KubernetesJobManifest } from '../compile/index.ts';
import { Immutable } from './errors.ts';
import { immutableFields } from './immutable-fields.ts';
import { batchJob, jobOwner, jobRefOf } from './job-ref.ts';
import { encoded, ownedBy } from './job-objects.ts';
import { startPauses, type Patience } from './patience.ts';
import { removeContents } from './remove-contents.ts';
import { survey, type Survey } from './survey.ts';

export interface RunOptions extends Omit<Patience, 'timeoutMs'> {
  /** A change that the cluster does not allow on a live Job deletes it with its pods and makes it anew. Default false. */
  readonly replace?: boolean;
  /** How long to wait for what is being removed to be gone: the namespace, or an earlier Job. Default 120 000 ms. */
  readonly timeoutMs?: number;
}

export interface StartedJob {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `metadata.id` of the KubernetesJob; null without one. */
  readonly id: string | null;
  /** Of all its objects together. A finished Job that is `unchanged` does not run again. */
  readonly change: 'created' | 'changed' | 'unchanged' | 'replaced';
}

const defaultTimeoutMs = 120_000;

/**
 * Applies a KubernetesJob: namespace (if asked for), Secrets, ConfigMaps, Job. Again is fine, also after a crash half-way.
 *
 * Before the first write it is known that nothing belongs to somebody else and that the cluster takes the Job, so a run that is refused
 * has changed nothing. Secrets and ConfigMaps belong to the Job in the cluster's own terms, so that they go when it goes.
 *
 * Throws `job.immutable`, `job.namespace_missing`, `job.namespace_taken`, `kube.foreign`, `kube.terminating` and what else the cluster
 * refuses with. A quota does not refuse the Job but its pods: `followJob` and `jobStatus` show it.
 */
export async function runJob(
  cluster: Cluster,
  job: CompiledJob | KubernetesJobManifest | KubernetesJob,
  options: RunOptions = {},
): Promise<StartedJob> {
  const compiled = 'objects' in job ? job : compile(job);
  const owned = cluster.as(jobOwner(jobRefOf(compiled)));
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const pauses = startPauses({ ...options, timeoutMs });
  const run: Run = { cluster: owned, compiled, replace: options.replace ?? false, timeoutMs, pauses, signal };
  for (;;) {
    try {
      return await runOnce(run);
    } catch (error) {
      if (!passes(error, compiled) || !(await pauses.next(error.message))) throw error;
    }
  }
}

interface Run {
  /** As the job's owner. */
  readonly cluster: Cluster;
  readonly compiled: CompiledJob;
  readonly replace: boolean;
  readonly timeoutMs: number;
  readonly pauses: ReturnType<typeof startPauses>;
  readonly signal: AbortSignal | undefined;
}

/** What is ours and being removed is waited for. A namespace that others made will not come back by itself. */
function passes(error: unknown, { namespace }: CompiledJob): error is Error {
  if (!(error instanceof kubeErrors.Terminating)) return false;
  return namespace !== undefined || !String(error.details['what']).startsWith('Namespace');
}

async function runOnce(run: Run): Promise<StartedJob> {
  const { cluster, compiled, signal } = run;
  const found = await survey(cluster, compiled, signal);
  if (compiled.namespace) await cluster.apply(compiled.namespace, { signal });
  const replaced = (await judge(run, found)) === 'replace';
  if (replaced) await removeContents({ ...run, ...describe(compiled) });
  const known = replaced ? undefined : found.job;
  const before = await applyContents(run, known?.metadata.uid);
  const job = await cluster.apply(compiled.job, { signal });
  const { uid = '' } = job.metadata;
  // Made without it, as the Job did not exist. A crash in between is healed by the next run.
  const contents = known?.metadata.uid === uid ? before : await applyContents(run, uid);
  const changed = [...contents, job].some((object) => isNews(found, object));
  const change = replaced ? 'replaced' : known === undefined ? 'created' : changed ? 'changed' : 'unchanged';
  return { ...jobRefOf(compiled), uid, change };
}

function isNews({ versions }: Survey, object: KubeObject): boolean {
  const text = refText(refOf(object));
  return !versions.has(text) || versions.get(text) !== object.metadata.resourceVersion;
}

function describe(compiled: CompiledJob): { readonly namespace: string; readonly job: string } {
  const ref = jobRefOf(compiled);
  return { namespace: ref.namespace, job: describeRef(batchJob(ref)) };
}

function contentsOf({ envSecrets, imagePullSecret, configMaps }: CompiledJob): readonly KubeObject[] {
  const secrets = [envSecrets, imagePullSecret].filter((secret) => secret !== undefined).map(encoded);
  return [...secrets, ...configMaps];
}

async function applyContents(
  { cluster, compiled, signal }: Run,
  uid: string | undefined,
): Promise<readonly KubeObject[]> {
  const owner = uid === undefined ? undefined : { ...compiled.job, metadata: { ...compiled.job.metadata, uid } };
  const objects = contentsOf(compiled).map((object) => (owner ? ownedBy(object, owner) : object));
  return Promise.all(objects.map((object) => cluster.apply(object, { signal })));
}

/** Asks the cluster whether it takes the Job, where a refusal would otherwise come after something was written. */
async function judge(run: Run, { job }: Survey): Promise<'apply' | 'replace'> {
  const { cluster, compiled, replace, signal } = run;
  if (!job && contentsOf(compiled).length === 0) return 'apply';
  try {
    await cluster.apply(compiled.job, { dryRun: true, signal });
    return 'apply';
  } catch (error) {
    if (!(error instanceof kubeErrors.Invalid) || !job) throw error;
    const fields = immutableFields(String(error.details['reason']));
    if (!fields) throw error;
    if (!replace) throw new Immutable({ job: describe(compiled).job, fields }, { cause: error });
    // Nothing is deleted for a Job that could not be made.
    await cluster.apply(underSpareName(compiled.job), { dryRun: true, signal });
    return 'replace';
  }
}

const shortestSpareName = 12;

/** The same Job under a name that nobody has, and that is no longer than a name may be: an Indexed Job's is limited further. */
function underSpareName(job: Job): Job {
  const length = Math.max(shortestSpareName, job.metadata.name.length);
  const name = `x${randomBytes(length).toString('hex')}`.slice(0, length);
  return { ...job, metadata: { ...job.metadata, name } };
}
