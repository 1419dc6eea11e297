import type { Cluster } from '@ephemera/kube';
import { Sandbox } from '@ephemera/sandbox';
import type { KubeObject } from '@ephemera/model';
import type { Place } from './place.ts';
import { podsOf, untilNoPods } from './ready.ts';
import { sandboxOptions } from './things.ts';

/** Milliseconds of each `true`. */
export interface WarmCommands {
  /** By a sandbox that has been used before, on its kept stream. */
  readonly run: readonly number[];
  /** One WebSocket exec per command, without kubectl. */
  readonly exec: readonly number[];
  readonly kubectl: readonly number[];
}

const rounds = 30;
const runsPerRound = 20;
const execsPerRound = 3;

/** All three in the same pod, in turns: in each round so many as take about the same time. */
export async function measureWarm(place: Place): Promise<WarmCommands> {
  const { api, cluster, host, kubectl, namespace, signal } = place;
  const measured = { run: [] as number[], exec: [] as number[], kubectl: [] as number[] };
  {
    await using sandbox = await Sandbox.create({ ...sandboxOptions, on: host, signal });
    const pod = await podOf(place, sandbox.id);
    const run = async (): Promise<void> => {
      const { exitCode } = await sandbox.commands.run(['true'], { signal });
      if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
    };
    const exec = (): Promise<void> => execTrue(cluster, { namespace, pod, container: 'sandbox', signal });
    const viaKubectl = (): Promise<void> => kubectl.run('exec', pod, '-n', namespace, '-c', 'sandbox', '--', 'true');
    for (const way of [run, exec, viaKubectl]) await way();
    for (let round = 0; round < rounds; round += 1) {
      for (let at = 0; at < runsPerRound; at += 1) measured.run.push(await timed(run));
      for (let at = 0; at < execsPerRound; at += 1) measured.exec.push(await timed(exec));
      measured.kubectl.push(await timed(viaKubectl));
    }
  }
  await untilNoPods({ api, namespace, signal });
  return measured;
}

export interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly signal: AbortSignal;
}

/** `true` in a container by one WebSocket. Throws unless the cluster says that it has ended with 0. */
export async function execTrue(cluster: Cluster, target: Target): Promise<void> {
  const stream = await cluster.exec({ ...target, command: ['true'], stdin: false });
  const end = await stream.ended;
  if (end.kind !== 'exited' || end.exitCode !== 0) throw new Error(`true in ${target.pod}: ${JSON.stringify(end)}`);
}

/** The name of a sandbox's pod, for whoever goes in without the sandbox. */
export async function podOf({ api, namespace }: Place, id: string): Promise<string> {
  const selector = `labelSelector=${encodeURIComponent(`job-id=${id}`)}`;
  const { items } = await api.call<{ items: readonly KubeObject[] }>('GET', `${podsOf(namespace)}?${selector}`);
  const [pod] = items;
  if (pod === undefined) throw new Error(`${id} has no pod`);
  return pod.metadata.name;
}

export async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}
