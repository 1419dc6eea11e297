import type { Cluster } from '@ephemera/kube';
import { clusterHost, type SandboxHost } from '@ephemera/sandbox';
import type { HostOf } from './deps.ts';

/** Each knows what time it is at the cluster, which it need not ask anew for every request. */
const mostKept = 1_000;

/** The server's own cluster, where each account has its sandboxes apart from all others. */
export function clusterHosts({ cluster, instance }: { readonly cluster: Cluster; readonly instance: string }): HostOf {
  const hosts = new Map<string, SandboxHost>();
  return ({ namespace, account }) => {
    const key = `${namespace}/${account}`;
    const host = hosts.get(key) ?? clusterHost({ cluster, namespace, instance, owner: account });
    hosts.delete(key);
    hosts.set(key, host);
    const [oldest] = hosts.keys();
    if (hosts.size > mostKept && oldest !== undefined) hosts.delete(oldest);
    return host;
  };
}
