import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, refText, type Job, type KubeObject } from '@ephemera/model';
import { compile, type CompiledJob, type KubernetesJob, type KubernetesJobManifest } from '../compile/index.ts';
import { applyContents, byText, removeDropped, type Applier } from './apply-contents.ts';
import { endOf } from './end-of.ts';
import { batchJob, jobOwner, jobRefOf } from './job-ref.ts';
import { judge } from './judge.ts';
import { isRefusal, unmake, type Made } from './made.ts';
import { startPauses, type Patience } from './patience.ts';
import { removeContents } from './remove-contents.ts';
import { survey, type Survey } from './survey.ts';

export interface RunOptions extends Omit<Patience, 'timeoutMs'> {
  /**
   * Deletes the Job that is there, with all that belongs to it, and makes it anew, where the cluster does not allow the change on a live
   * Job, and where the Job has ended: it runs again. Default false.
   */
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
  /** Of all its objects together. */
  readonly change: 'created' | 'changed' | 'unchanged' | 'replaced';
  /** What the Job had come to before; it did not run again, then. null: it had not ended, or it was replaced. */
  readonly endedBefore: 'Complete' | 'Failed' | null;
}

const defaultTimeoutMs = 120_000;

/**
 * Applies a KubernetesJob: namespace (if asked for), Secrets, ConfigMaps, Job. Again is fine, also after a crash half-way.
 *
 * Before the first write it is known that nothing belongs to somebody else and that the cluster takes the Job. What is refused all the
 * same, such as by a quota that has no room for the third ConfigMap, leaves nothing that this run has made. Secrets and ConfigMaps belong
 * to the Job in the cluster's own terms, so that they go when it goes; beside a live Job those that its manifest no longer has are removed.
 *
 * Throws `job.immutable`, `job.namespace_missing`, `job.namespace_taken`, `job.left_behind`, `kube.foreign`, `kube.terminating` and what
 * else the cluster refuses with. A quota does not refuse the Job but its pods: `followJob` and `jobStatus` show it.
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

interface Run extends Applier {
  readonly replace: boolean;
  readonly timeoutMs: number;
  readonly pauses: ReturnType<typeof startPauses>;
}

/** What is ours and being removed is waited for. A namespace that others made will not come back by itself. */
function passes(error: unknown, { namespace }: CompiledJob): error is Error {
  if (!(error instanceof kubeErrors.Terminating)) return false;
  return namespace !== undefined || !String(error.details['what']).startsWith('Namespace');
}

async function runOnce(run: Run): Promise<StartedJob> {
  const { cluster, compiled, signal } = run;
  const found = await survey(cluster, compiled, signal);
  const made: Made = { objects: [] };
  try {
    return await applyAll(run, found, made);
  } catch (error) {
    throw isRefusal(error)
      ? await unmake(cluster, jobRefOf(compiled), { made, known: found.job?.metadata.uid, refusal: error })
      : error;
  }
}

async function applyAll(run: Run, found: Survey, made: Made): Promise<StartedJob> {
  const { cluster, compiled, signal } = run;
  if (compiled.namespace) {
    const namespace = await cluster.apply(compiled.namespace, { signal });
    if (found.namespace === 'missing') made.objects.push(namespace);
  }
  if ((await judge(run, found)) === 'replace') return replaceJob(run, found);
  const known = found.job;
  const before = await applyContents(run, { job: known, read: found.present, made });
  const job = await cluster.apply(compiled.job, { read: known, signal });
  // Made without their owner, as the Job did not exist. A crash in between is healed by the next run.
  const isNew = known?.metadata.uid !== job.metadata.uid;
  const contents = isNew ? await applyContents(run, { job, read: byText(before) }) : before;
  const dropped = isNew ? 0 : await removeDropped(run, job);
  const changed = dropped > 0 || [...contents, job].some((object) => isNews(found, object));
  return startedOf(compiled, { job, found, change: isNew ? 'created' : changed ? 'changed' : 'unchanged' });
}

/** The Job that is found goes, with all that belongs to it. One that somebody has made meanwhile is looked at anew. */
async function replaceJob(run: Run, found: Survey): Promise<StartedJob> {
  await removeContents({ ...run, ...describe(run.compiled), uid: found.job?.metadata.uid });
  const started = await runOnce({ ...run, replace: false });
  return started.change === 'created' ? { ...started, change: 'replaced' } : started;
}

interface Outcome {
  readonly job: Job;
  readonly found: Survey;
  readonly change: StartedJob['change'];
}

function startedOf(compiled: CompiledJob, { job, found, change }: Outcome): StartedJob {
  const { uid = '' } = job.metadata;
  return { ...jobRefOf(compiled), uid, change, endedBefore: change === 'created' ? null : endOf(found.job) };
}

function isNews({ present }: Survey, object: KubeObject): boolean {
  return present.get(refText(refOf(object)))?.metadata.resourceVersion !== object.metadata.resourceVersion;
}

function describe(compiled: CompiledJob): { readonly namespace: string; readonly job: string } {
  const ref = jobRefOf(compiled);
  return { namespace: ref.namespace, job: describeRef(batchJob(ref)) };
}
