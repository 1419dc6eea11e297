import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '@ephemera/kube';
import type { KubeObject, Manifest } from '@ephemera/model';

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
}

interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly message?: string;
    readonly reason?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: Terminated;
      };
    }[];
  };
}

export type PodState =
  | { readonly state: 'running'; readonly address: string }
  | { readonly state: 'ended'; readonly exitCode: number }
  /** It will not get any further, or has not yet; `problem` says what it waits for. */
  | { readonly state: 'stuck' | 'waiting'; readonly problem: string };

const pollMs = 250;
/** Pulling an image can fail once and succeed a moment later. */
const stuckReasons = new Set([
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
]);

/** How far a pod is. Pure. */
export function podState({ status = {} }: Pod): PodState {
  const { terminated, waiting } = status.containerStatuses?.[0]?.state ?? {};
  if (terminated) return { state: 'ended', exitCode: terminated.exitCode };
  if (status.phase === 'Failed') return { state: 'stuck', problem: status.message ?? status.reason ?? 'it failed' };
  if (status.phase === 'Running' && status.podIP !== undefined) return { state: 'running', address: status.podIP };
  if (waiting?.reason !== undefined && stuckReasons.has(waiting.reason))
    return { state: 'stuck', problem: `${waiting.reason}: ${waiting.message ?? 'the cluster says no more'}` };
  const unscheduled = status.conditions?.find(({ type, status: met }) => type === 'PodScheduled' && met === 'False');
  return { state: 'waiting', problem: unscheduled?.message ?? waiting?.reason ?? 'it does not start' };
}

export class PodTrouble extends Error {}

/** Makes a pod and waits until it is as far as asked. Throws `PodTrouble` with what it waits for when it gets stuck or time is over. */
export async function runPod(
  cluster: Cluster,
  pod: Manifest,
  until: 'running' | 'ended',
  signal: AbortSignal,
): Promise<Extract<PodState, { state: 'running' | 'ended' }>> {
  const { name, namespace } = pod.metadata;
  let state: PodState = { state: 'waiting', problem: 'it does not start' };
  const trouble = (problem: string) => new PodTrouble(`the pod ${name} of the probe does not run (${problem})`);
  try {
    await cluster.apply(pod, { signal });
    for (;;) {
      const found = await cluster.get<Pod>(
        { apiVersion: 'v1', kind: 'Pod', name, ...(namespace === undefined ? {} : { namespace }) },
        signal,
      );
      if (!found) throw trouble('somebody has removed it');
      state = podState(found);
      if (state.state === 'stuck') throw trouble(state.problem);
      if (state.state === 'ended' || (state.state === 'running' && until === 'running')) return state;
      await wait(pollMs, undefined, { signal });
    }
  } catch (error) {
    // Out of time: what the pod waited for is worth more than that.
    if (signal.aborted && state.state === 'waiting') throw trouble(state.problem);
    throw error;
  }
}
