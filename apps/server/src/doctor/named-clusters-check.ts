import { connectCluster } from '@ephemera/kube';
import { messageOf } from '@ephemera/model';
import { prJobErrors, readNamedClusters, type NamedClusters } from '@ephemera/pull-request-pod';
import type { Verdict } from './check.ts';

export interface NamedClustersChecked {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As PR_JOBS_CLUSTERS says. */
  readonly allowed: readonly string[] | undefined;
}

/** Of one KUBECONFIG_<NAME>. */
export interface NamedCluster {
  readonly name: string;
  /** As the cluster says it, or why it says nothing. */
  readonly answer: { readonly version: string } | { readonly problem: string };
}

const answerMs = 10_000;

/** Whether each cluster that callers of pull-request jobs may name answers. */
export async function checkNamedClusters(
  { environment, allowed = [] }: NamedClustersChecked,
  signal: AbortSignal,
): Promise<Verdict> {
  const named = readNamedClusters(environment);
  const clusters = await Promise.all(named.all.map(({ name }) => ask(name, named, signal)));
  return judgeNamedClusters(
    clusters,
    allowed.filter((name) => !isThere(name, named)),
  );
}

function isThere(name: string, named: NamedClusters): boolean {
  try {
    return named.find(name) !== undefined;
  } catch (error) {
    // One that cannot be used is there, and told with its reason.
    return !(error instanceof prJobErrors.PrJobClusterUnknown);
  }
}

async function ask(name: string, named: NamedClusters, signal: AbortSignal): Promise<NamedCluster> {
  try {
    await using cluster = await connectCluster(named.find(name));
    return { name, answer: { version: await cluster.version({ signal, timeoutMs: answerMs }) } };
  } catch (error) {
    signal.throwIfAborted();
    return { name, answer: { problem: messageOf(error) } };
  }
}

/** `unknown`: what PR_JOBS_CLUSTERS names and nothing has. Pure. */
export function judgeNamedClusters(clusters: readonly NamedCluster[], unknown: readonly string[] = []): Verdict {
  if (unknown.length > 0) {
    const problem = `PR_JOBS_CLUSTERS names what no KUBECONFIG_<NAME> has: ${unknown.join(', ')}`;
    return {
      ok: false,
      detail: [...clusters.map(answerOf), problem].join('; '),
      hint: 'Name a NAME, or a context in one of them; the server’s own cluster needs no name there.',
    };
  }
  if (clusters.length === 0)
    return { ok: true, detail: 'no KUBECONFIG_<NAME> is set: pull-request jobs run on the server’s own cluster' };
  const detail = clusters.map(answerOf).join('; ');
  if (clusters.every(({ answer }) => 'version' in answer)) return { ok: true, detail };
  return {
    ok: false,
    detail,
    hint: 'KUBECONFIG_<NAME> is a kubeconfig in base64. Set it anew, or take it away when nothing is left on that cluster.',
  };
}

function answerOf({ name, answer }: NamedCluster): string {
  return `${name}: ${'version' in answer ? answer.version : answer.problem}`;
}
