import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import type { Verdict } from '../check.ts';
import { cannotSay, judgeAttempts, type Attempt } from './judge.ts';
import { clientPod, denyPolicy, probeAccount, probeNamespace, serverPod } from './objects.ts';
import { PodTrouble, runPod } from './pod.ts';

/** Present under this name in the local cluster too, which fetches nothing. */
export const defaultProbeImage = 'docker.io/library/busybox:1';

export interface Probe {
  readonly cluster: Cluster;
  readonly image: string;
  /** Told apart from those of other runs. */
  readonly suffix: string;
}

/** A plugin may need a moment until a policy holds for a pod that has just started. */
const deniedAttempts = 3;
const allowedAttempts = 3;
/** For the removal of the namespace. */
export const tidyMs = 90_000;

/**
 * Whether this cluster enforces NetworkPolicies, which its API accepts in any case: tried with pods in a namespace of its own, which is
 * removed however this ends.
 */
export async function probePolicies({ cluster, image, suffix }: Probe, signal: AbortSignal): Promise<Verdict> {
  const namespace = `ephemera-doctor-${suffix}`;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  let verdict: Verdict;
  try {
    await cluster.apply(probeNamespace(namespace), { signal });
    verdict = await attempts(cluster, { namespace, image }, signal).catch((error: unknown) => explain(error, image));
  } catch (error) {
    verdict = explain(error, image);
    // Refused: there is nothing to remove. After any other trouble it may be there all the same.
    if (error instanceof EphemeraError && !error.retryable) return verdict;
  }
  const left = await removeNamespace(cluster, ref);
  if (left === undefined) return verdict;
  const command = `kubectl delete namespace ${namespace}`;
  return {
    ...verdict,
    detail: `${verdict.detail}; ${left}`,
    hint: [verdict.hint, `Remove it: ${command}`].filter(Boolean).join(' '),
  };
}

async function attempts(
  cluster: Cluster,
  { namespace, image }: { readonly namespace: string; readonly image: string },
  signal: AbortSignal,
): Promise<Verdict> {
  await cluster.apply(probeAccount(namespace), { adopt: 'unmarked', signal });
  await cluster.apply(denyPolicy(namespace), { signal });
  const server = await runPod(
    cluster,
    serverPod({ namespace, image, name: 'server', role: 'server' }),
    'running',
    signal,
  );
  if (server.state !== 'running') throw new PodTrouble(`the server of the probe ended with ${server.exitCode}`);

  const attempt = async (role: 'allowed' | 'denied', number: number): Promise<Attempt> => {
    const client = clientPod({ namespace, image, name: `${role}-${number}`, role }, server.address);
    const end = await runPod(cluster, client, 'ended', signal);
    if (end.state === 'ended' && end.exitCode === 0) return 'through';
    // Anything but its own "no connection" says nothing about the network.
    if (end.state === 'ended' && end.exitCode === 1) return 'blocked';
    throw new PodTrouble(`the client of the probe ended with ${end.state === 'ended' ? end.exitCode : 'nothing'}`);
  };
  const until = async (wanted: Attempt, role: 'allowed' | 'denied', most: number): Promise<Attempt[]> => {
    const seen: Attempt[] = [];
    while (seen.length < most && seen.at(-1) !== wanted) seen.push(await attempt(role, seen.length + 1));
    return seen;
  };
  const allowed = await until('through', 'allowed', allowedAttempts);
  if (!allowed.includes('through')) return judgeAttempts({ allowed, denied: [] });
  const denied = await until('blocked', 'denied', deniedAttempts);
  // That the server has gone in the meantime would look like a policy.
  const allowedAfter = denied.includes('blocked') ? await attempt('allowed', allowedAttempts + 1) : undefined;
  return judgeAttempts({ allowed, denied, allowedAfter });
}

function explain(error: unknown, image: string): Verdict {
  if (error instanceof PodTrouble) {
    const verdict = cannotSay(error.message);
    return {
      ...verdict,
      hint: `If the cluster cannot fetch ${image}, name another busybox with --probe-image. ${verdict.hint}`,
    };
  }
  if (error instanceof EphemeraError && error.code === 'kube.forbidden') {
    const verdict = cannotSay(error.message);
    return {
      ...verdict,
      hint: `The server needs no pods itself: ask with an account that may make them (--context). ${verdict.hint}`,
    };
  }
  return cannotSay(messageOf(error));
}

/** Says what is left, if anything is. Goes on after the end of the time and after Ctrl-C: then it matters most. */
async function removeNamespace(
  cluster: Cluster,
  ref: { readonly apiVersion: string; readonly kind: string; readonly name: string },
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(tidyMs - 5_000);
  let problem = 'is still being removed';
  while (!signal.aborted) {
    try {
      if ((await cluster.remove(ref, { signal })).state === 'gone') return undefined;
    } catch (error) {
      problem = `could not be removed (${messageOf(error)})`;
      // Not ours to remove, or never made.
      if (error instanceof EphemeraError && !error.retryable) break;
    }
    await wait(250, undefined, { signal }).catch(() => {});
  }
  return `the namespace ${ref.name} ${problem}`;
}
