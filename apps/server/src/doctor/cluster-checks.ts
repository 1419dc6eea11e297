import type { Cluster, Right } from '@ephemera/kube';
import { neededRights } from '../cluster-rights.ts';
import type { Verdict } from './check.ts';

/** The oldest Kubernetes that Ephemera supports. */
const oldest = { major: 1, minor: 32 };

export async function checkCluster(cluster: Cluster, signal: AbortSignal): Promise<Verdict> {
  const version = await cluster.version({ signal, timeoutMs: 10_000 });
  const where = `Kubernetes ${version} at ${cluster.server} (${cluster.source})`;
  if (isSupported(version)) return { ok: true, detail: where };
  return {
    ok: false,
    detail: `${where} is older than ${oldest.major}.${oldest.minor}`,
    hint: `Upgrade the cluster to Kubernetes ${oldest.major}.${oldest.minor} or newer, or use another one.`,
  };
}

/** Of versions such as `v1.32.4` and `v1.31.9-gke.100`. Pure. */
export function isSupported(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
}

const everything: Right = { verb: '*', group: '*', resource: '*' };

export async function checkRights(cluster: Cluster, signal: AbortSignal): Promise<Verdict> {
  const [all, ...answers] = await Promise.all(
    [everything, ...neededRights].map((right) => cluster.mayI(right, signal)),
  );
  const missing = neededRights.filter((_, index) => answers[index] !== true);
  return judgeRights(missing, all === true);
}

/** Pure. */
export function judgeRights(missing: readonly Right[], mayEverything: boolean): Verdict {
  if (missing.length > 0) {
    return {
      ok: false,
      detail: `missing: ${missing.map(nameOf).join(', ')}`,
      hint: 'Give these to the account of the server, for the whole cluster; docs/getting-started.md has the ClusterRole.',
    };
  }
  const detail = `all ${neededRights.length} rights that the server needs are there`;
  if (!mayEverything) return { ok: true, detail };
  return {
    ok: null,
    detail: `${detail}, and all others as well`,
    hint: 'This account may do everything. For more than a trial, give the server one with the ClusterRole of docs/getting-started.md.',
  };
}

export function nameOf({ verb, group, resource }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}
