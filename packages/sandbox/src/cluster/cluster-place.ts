import { kubeErrors } from '@ephemera/kube';
import type { Job, Pod } from '@ephemera/model';
import { SandboxNotFound } from '../errors.ts';
import type { ByteStream, SandboxPlace } from '../host.ts';
import { infoOf } from '../objects/info.ts';
import { deadlineSeconds } from '../objects/job.ts';
import { expiresAnnotation } from '../objects/marks.ts';
import { checkedTimeout } from '../options/check-options.ts';
import type { SandboxInfo } from '../sandbox-options.ts';
import { openRunner } from './open-runner.ts';
import { greet } from './greet.ts';
import { assertOwnUsers, wantsOwnUsers } from './own-users.ts';
import { hasEnded, podOfJob } from './pod-state.ts';
import { removeSandbox } from './remove-sandbox.ts';
import { asOwner, jobRef, podsOf, type Setting } from './setting.ts';
import { verdictOf } from './verdict-of.ts';

/** How long a stream that the start has left is kept for the first who wants one. */
const keptMs = 10_000;

export interface PlaceParts {
  readonly setting: Setting;
  /** As it is known now; its UID is the sandbox's. */
  readonly job: Job;
  /** A stream that is open already. */
  readonly stream?: ByteStream;
}

/** One sandbox on a cluster, as its Job. */
export function clusterPlace({ setting, job: made, stream }: PlaceParts): SandboxPlace {
  const id = made.metadata.name;
  const uid = made.metadata.uid ?? '';
  let info = infoOf(made);
  const kept = keptStream(stream);

  const read = async (signal: AbortSignal | undefined): Promise<{ job: Job | undefined; pods: readonly Pod[] }> => {
    const [job, { items }] = await Promise.all([
      setting.cluster.get<Job>(jobRef(setting, id), signal),
      setting.cluster.list<Pod>('v1/Pod', { ...podsOf(setting, id), signal }),
    ]);
    return { job, pods: items };
  };
  const look = async (signal?: AbortSignal): Promise<SandboxInfo> => {
    const job = await setting.cluster.get<Job>(jobRef(setting, id), signal);
    if (job?.metadata.uid !== uid) throw new SandboxNotFound({ id });
    return (info = infoOf(job));
  };

  return {
    id,
    get info() {
      return info;
    },
    open: async (signal) => {
      const left = kept.take();
      if (left !== undefined) return left;
      const { items } = await setting.cluster.list<Pod>('v1/Pod', { ...podsOf(setting, id), signal });
      const pod = podOfJob(items, made);
      if (pod === undefined || hasEnded(pod)) {
        // Retryable: only a verdict ends a sandbox.
        throw new kubeErrors.ContainerNotReady({ what: `Reaching sandbox ${id}`, reason: 'it has no running pod.' });
      }
      return openRunner(setting, pod, { signal, use: (open) => (wantsOwnUsers(made) ? isolated(open) : open) });
    },
    verdict: async (signal) => {
      const [{ job, pods }, now] = await Promise.all([read(signal), setting.now()]);
      return verdictOf({ id, uid, job, pods, expiresAt: info.expiresAt, now });
    },
    look,
    extend: async (timeoutMs, signal) => {
      const checked = checkedTimeout(timeoutMs);
      const [{ job, pods }, now] = await Promise.all([read(signal), setting.now()]);
      const over = verdictOf({ id, uid, job, pods, expiresAt: info.expiresAt, now });
      if (over !== undefined) throw over;
      const startedAt = Date.parse(job?.status?.startTime ?? job?.metadata.creationTimestamp ?? '');
      const livesMs = Math.max(0, now.getTime() - startedAt) + checked;
      const changed = await asOwner(setting, id).patch<Job>(
        jobRef(setting, id),
        {
          uid,
          merge: {
            metadata: { annotations: { [expiresAnnotation]: new Date(now.getTime() + checked).toISOString() } },
            spec: { activeDeadlineSeconds: deadlineSeconds(livesMs) },
          },
        },
        signal,
      );
      return (info = infoOf(changed));
    },
    remove: async ({ signal } = {}) => {
      kept.take()?.close();
      await removeSandbox(setting, { id, uid, signal });
    },
    dispose: async () => kept.take()?.close(),
  };
}

/** Whoever makes a sandbox checks it, but others may find it before that. Throws `sandbox.isolation_missing`. */
async function isolated(open: ByteStream): Promise<ByteStream> {
  const { stream, figures } = await greet(open);
  assertOwnUsers(figures);
  return stream;
}

/** Given away once; closed where nobody comes for it, as the cluster holds a process for it. */
function keptStream(stream: ByteStream | undefined): { take(): ByteStream | undefined } {
  let left = stream;
  const take = (): ByteStream | undefined => {
    clearTimeout(timer);
    const taken = left;
    left = undefined;
    return taken;
  };
  const timer = stream === undefined ? undefined : setTimeout(() => take()?.close(), keptMs).unref();
  return { take };
}
