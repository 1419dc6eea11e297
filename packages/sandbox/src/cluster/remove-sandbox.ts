import { setTimeout as wait } from 'node:timers/promises';
import { kubeErrors } from '@ephemera/kube';
import type { Pod } from '@ephemera/model';
import { isBelongingOf, type Belonging } from '../objects/belongings.ts';
import { isOfJob } from './pod-state.ts';
import { asOwner, belongingRefs, jobRef, podsOf, type Setting } from './setting.ts';
import { mayPass } from './until-answered.ts';

/** A pod has 10 s to end, and the node its time to say so. Longer takes a node that does not answer. */
const defaultTimeoutMs = 120_000;
const firstPauseMs = 50;
const longestPauseMs = 400;

export interface RemoveRequest {
  readonly id: string;
  /** Of its Job. Another one of its name is another sandbox, and left alone with all that it has. */
  readonly uid: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/**
 * Removes one sandbox, and returns when the cluster has nothing of it any more: no Job, no pod, nothing beside them. What is gone already,
 * or was never made, is no error. A cluster that cannot answer just now is asked again. Throws `kube.deadline_exceeded` where its pod does not
 * end, or nobody answers for so long.
 */
export async function removeSandbox(setting: Setting, request: RemoveRequest): Promise<void> {
  const { id, uid, signal, timeoutMs = defaultTimeoutMs } = request;
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  let problem: unknown;
  const isGone = () =>
    removed(setting, { id, uid }, either).catch((error: unknown) => {
      if (!mayPass(error)) throw error;
      problem = error;
      return false;
    });
  try {
    for (let pauseMs = firstPauseMs; !(await isGone()); pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
      await wait(pauseMs, undefined, { signal: either });
    }
  } catch (thrown) {
    signal?.throwIfAborted();
    if (deadline.aborted)
      throw new kubeErrors.DeadlineExceeded(
        { what: `Removing sandbox ${id}`, timeoutMs },
        { cause: problem ?? thrown },
      );
    throw thrown;
  }
}

/** Asks for the removal of what is left. True: there was nothing. */
async function removed(
  setting: Setting,
  { id, uid }: Pick<RemoveRequest, 'id' | 'uid'>,
  signal: AbortSignal,
): Promise<boolean> {
  const cluster = asOwner(setting, id);
  const belonging = belongingRefs(setting, id).map(async (ref): Promise<boolean> => {
    const found = await cluster.get<Belonging>(ref, signal, 'urgent');
    if (found === undefined || !isBelongingOf(found, uid)) return true;
    return (await cluster.remove(ref, { uid: found.metadata.uid, signal })).state === 'gone';
  });
  // The Job stays until its pod is gone: whoever looks for it meanwhile sees that it is on its way.
  const job = cluster.remove(jobRef(setting, id), { uid, propagation: 'Foreground', signal });
  const [{ state }, ...others] = await Promise.all([job, ...belonging]);
  if (state !== 'gone' || others.includes(false)) return false;
  const { items } = await cluster.list<Pod>('v1/Pod', { ...podsOf(setting, id), signal });
  return items.every((pod) => !isOfJob(pod, uid));
}
