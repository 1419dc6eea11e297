import { kubeErrors, type Cluster, type Diagnosis } from '@ephemera/kube';
import { describeRef, messageOf, type Job, type Pod } from '@ephemera/model';
import { batchJob, type JobRef } from '../job-ref.ts';
import { listPods, podSelector } from '../pods-of.ts';
import { statusOf, unseenStatus, type JobStatus } from '../status-of.ts';
import { bell } from './bell.ts';
import { eventLine } from './event-line.ts';
import { explainStandstill } from './explain-standstill.ts';
import { failedEnd, outcomeOf, type JobFate } from './fate.ts';
import { lastLines } from './last-lines.ts';
import { podLogs, type LogLine } from './pod-logs.ts';
import { seenPods } from './seen-pods.ts';
import { watchTrouble } from './watch-trouble.ts';

export type JobEvent =
  | { readonly type: 'status'; readonly status: JobStatus }
  /** A pod has come to another phase, or is seen for the first time. */
  | { readonly type: 'pod'; readonly pod: string; readonly phase: string; readonly node?: string }
  /** Whatever a container wrote, control characters included; without the end of the line. A line over 1 MiB comes in parts. */
  | ({ readonly type: 'log' } & LogLine)
  /** What keeps a pod from starting, the first one or a later one; when it changes. */
  | { readonly type: 'diagnosis'; readonly diagnosis: Diagnosis }
  /** Something is missing or late, and following goes on. */
  | { readonly type: 'warning'; readonly message: string };

export interface FollowOptions {
  /** Ends following at once, with its reason thrown. */
  readonly signal?: AbortSignal | undefined;
  /** How long something that cannot heal may keep pods from starting while nothing of the Job is at work. Default 60 000 ms. */
  readonly startTimeoutMs?: number;
  /** For all of it; the Job goes on. Default: as long as it takes. */
  readonly timeoutMs?: number;
  /** Events come one after the other; a promise that is returned holds the next one back, and with it the logs. */
  readonly onEvent: (event: JobEvent) => void | Promise<void>;
  /** Only the logs of containers of this name. Default: all. */
  readonly container?: string | undefined;
  /** Only the last so many lines of what was written before. Default: all. */
  readonly tailLines?: number | undefined;
  /** Whether to look for reasons why pods do not start. Default true. */
  readonly explain?: boolean;
}

const defaultStartTimeoutMs = 60_000;
/** What was written before the end is read on until for so long nothing has come. */
const drainMs = 10_000;
/** The longest that a timer can be set to; later is never. */
const longestTimerMs = 2 ** 31 - 1;

type Outcome = JobFate['outcome'];

/**
 * Follows one Job to its end: status, pods and the logs of all their containers, live and complete, and why pods do not start, if so.
 * All logs are delivered before it returns. Broken connections are survived. Any Job will do, whoever made it.
 *
 * Throws `kube.not_found` when there is no Job of that name at the beginning (with a `uid` the fate is `gone`), `kube.forbidden`,
 * `kube.unauthenticated`, and what `onEvent` throws.
 */
export async function followJob(cluster: Cluster, ref: JobRef, options: FollowOptions): Promise<JobFate> {
  const { signal, startTimeoutMs = defaultStartTimeoutMs, timeoutMs = Infinity, explain = true } = options;
  signal?.throwIfAborted();
  const first = await cluster.get<Job>(batchJob(ref), signal);
  if (!first && ref.uid === undefined) throw new kubeErrors.NotFound({ what: describeRef(batchJob(ref)) });
  // Whoever knows its UID has seen it: it was there and has been removed, or replaced, since.
  if (!first || (ref.uid !== undefined && first.metadata.uid !== ref.uid))
    return { outcome: 'gone', status: unseenStatus(ref) };
  const following = start(cluster, first, options);
  const { decide, fail, failed } = following;
  const abort = (): void => fail(signal?.reason);
  signal?.addEventListener('abort', abort);
  const timer = timeoutMs > longestTimerMs ? undefined : setTimeout(() => decide('deadline'), timeoutMs);
  const tasks = [following.watchJob(), following.watchPods(), ...(explain ? [following.explain(startTimeoutMs)] : [])];
  for (const task of tasks) task.catch(fail);
  const end = async (): Promise<JobFate> => following.finish(await following.decided);
  try {
    return await Promise.race([failed, end()]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    following.close();
    await Promise.allSettled(tasks);
  }
}

interface Decided {
  readonly outcome: Outcome;
  readonly diagnosis?: Diagnosis;
}

/** One Job being followed: what was seen of it, and the parts that see. */
function start(cluster: Cluster, first: Job, options: FollowOptions) {
  let job = first;
  let told = '';
  const { namespace, uid } = statusOf(first);
  const scope = new AbortController();
  const { promise: decided, resolve } = Promise.withResolvers<Decided>();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const fail = (error: unknown): void => {
    reject(error);
    scope.abort();
  };
  const decide = (outcome: Outcome, diagnosis?: Diagnosis): void =>
    resolve({ outcome, ...(diagnosis && { diagnosis }) });
  const events = eventLine(options.onEvent, fail);
  let warned = '';
  const warn = (message: string): void => {
    // A cluster that is away for an hour says the same every few seconds.
    if (message !== warned) void events.deliver({ type: 'warning', message });
    warned = message;
  };
  const news = bell();
  const tails = lastLines();
  const pods = seenPods((pod, phase, node) => {
    void events.deliver({ type: 'pod', pod, phase, ...(node !== undefined && { node }) });
  });
  const logs = podLogs({
    cluster,
    namespace,
    container: options.container,
    tailLines: options.tailLines,
    signal: scope.signal,
    onLine: (line) => {
      tails.add(line.pod, line.container, line.line);
      return events.deliver({ type: 'log', ...line });
    },
    onWarning: warn,
    onFailure: fail,
  });

  const seeJob = (seen: Job): void => {
    if (seen.metadata.uid !== uid) return decide('gone');
    job = seen;
    const status = statusOf(seen);
    const text = JSON.stringify(status);
    if (text !== told) void events.deliver({ type: 'status', status });
    told = text;
    news.ring();
    const outcome = outcomeOf(status, seen.spec);
    if (outcome) decide(outcome);
  };

  const seePods = (seen: readonly Pod[]): void => {
    for (const pod of seen) {
      if (pods.see(pod)) logs.see(pod);
    }
    news.ring();
  };

  const podsGone = (gone: readonly Pod[]): void => {
    for (const pod of gone) {
      pods.gone(pod);
      logs.gone(pod);
    }
    news.ring();
  };

  const seeAllPods = (all: readonly Pod[]): void => {
    podsGone(pods.notAmong(all));
    seePods(all);
  };

  /** The two watches are not in step: pods may have come and gone that theirs has not told of yet. */
  const catchUp = async (): Promise<void> => {
    try {
      seeAllPods(await listPods(cluster, { namespace, uid }, scope.signal));
    } catch (error) {
      if (!scope.signal.aborted) warn(`The pods cannot be listed at the end: ${messageOf(error)}`);
    }
  };

  /** The last answer to why a pod does not start. */
  let standstill: Diagnosis | undefined;

  const finish = async ({ outcome, diagnosis }: Decided): Promise<JobFate> => {
    if (job === first && told === '') seeJob(first);
    const cutShort = outcome === 'deadline' && statusOf(job).state !== 'Failed';
    if (!cutShort) {
      await catchUp();
      if (!(await logs.drain(drainMs)))
        warn(`Some logs could not be read: nothing more of them came for ${drainMs} ms after the end.`);
    }
    const end = failedEnd(job, pods.all(), tails.of);
    const why = diagnosis ?? end?.diagnosis ?? (cutShort ? standstill : undefined);
    await events.taken();
    return {
      outcome,
      status: statusOf(job),
      ...(why && { diagnosis: why }),
      ...(end && { end }),
      ...(logs.isIncomplete() && { logsIncomplete: true }),
    };
  };

  const close = (): void => {
    events.close();
    scope.abort();
  };

  return {
    close,
    decided,
    failed,
    decide,
    fail,
    finish,
    watchJob: () =>
      cluster.watch<Job>('batch/v1/Job', {
        namespace,
        fieldSelector: `metadata.name=${first.metadata.name}`,
        signal: scope.signal,
        ...watchTrouble({ fail, warn }),
        onChange: (change) => {
          if (change.type === 'changed') seeJob(change.object);
          else if (change.type === 'deleted') decide('gone');
          else if (change.objects[0]) seeJob(change.objects[0]);
          else decide('gone');
        },
      }),
    watchPods: () =>
      cluster.watch<Pod>('v1/Pod', {
        namespace,
        labelSelector: podSelector({ uid }),
        signal: scope.signal,
        ...watchTrouble({ fail, warn }),
        onChange: (change) => {
          if (change.type === 'changed') seePods([change.object]);
          else if (change.type === 'deleted') podsGone([change.object]);
          else seeAllPods(change.objects);
        },
      }),
    explain: async (timeoutMs: number) => {
      try {
        const diagnosis = await explainStandstill({
          cluster,
          namespace,
          job: () => job,
          pods: () => pods.all(),
          news,
          timeoutMs,
          signal: scope.signal,
          onDiagnosis: (found) => {
            standstill = found;
            if (found) void events.deliver({ type: 'diagnosis', diagnosis: found });
          },
          onWarning: warn,
        });
        decide('cannot_start', diagnosis);
      } catch (error) {
        if (!scope.signal.aborted) fail(error);
      }
    },
  };
}
