import { connectCluster } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { findNamedCluster, namedClusters } from '@ephemera/pull-request-pod';
import type { Verdict } from './check.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Of one KUBECONFIG_<NAME>. */
export interface NamedCluster {
  readonly name: string;
  /** As the cluster says it, or why it says nothing. */
  readonly answer: { readonly version: string } | { readonly problem: string };
}

const answerMs = 10_000;

/** Whether each cluster that callers of pull-request jobs may name answers. */
export async function checkNamedClusters(environment: Environment, signal: AbortSignal): Promise<Verdict> {
  const names = namedClusters(environment).map(({ name }) => name);
  return judgeNamedClusters(await Promise.all(names.map((name) => ask(name, environment, signal))));
}

async function ask(name: string, environment: Environment, signal: AbortSignal): Promise<NamedCluster> {
  try {
    await using cluster = await connectCluster(findNamedCluster(name, environment));
    return { name, answer: { version: await cluster.version({ signal, timeoutMs: answerMs }) } };
  } catch (error) {
    signal.throwIfAborted();
    return { name, answer: { problem: messageOf(error) } };
  }
}

/** Pure. */
export function judgeNamedClusters(clusters: readonly NamedCluster[]): Verdict {
  if (clusters.length === 0)
    return { ok: true, detail: 'no KUBECONFIG_<NAME> is set: pull-request jobs run on the server’s own cluster' };
  const detail = clusters
    .map(({ name, answer }) => `${name}: ${'version' in answer ? answer.version : answer.problem}`)
    .join('; ');
  if (clusters.every(({ answer }) => 'version' in answer)) return { ok: true, detail };
  return {
    ok: false,
    detail,
    hint: 'KUBECONFIG_<NAME> is a kubeconfig in base64. Set it anew, or take it away when nothing is left on that cluster.',
  };
}
