import type { Addresses } from '../addresses.ts';

/** ptp routes every packet of a pod through the node, so bridges and their settings do not matter. */
export function networkPlugins({ nodePods }: Addresses): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipMasq: true,
        ipam: {
          type: 'host-local',
          // In memory: addresses of pods that are gone with their node must not stay taken.
          dataDir: '/run/cni-addresses',
          ranges: [[{ subnet: nodePods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

export function proxyConfig(kubeconfig: string, node: string, { pods }: Addresses): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    hostnameOverride: node,
    mode: 'iptables',
    clusterCIDR: pods,
    // Zero leaves the machine's connection tracking limits alone.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/**
 * Names of the cluster; every other name does not exist, which programs notice at once instead of waiting. Two blocks,
 * because within one the template would answer before Kubernetes is asked.
 */
export function dnsConfig(kubeconfig: string, context: string, { node }: Addresses): string {
  return `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
  bind ${node}
  errors
  ready ${node}:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig} ${context}
    ttl 5
  }
}

.:53 {
  bind ${node}
  errors
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`;
}

const loopback = /^(127\.|::1$)/;

/**
 * The name servers that pods with the node's DNS settings get. A resolver on loopback would be somebody else inside a
 * pod; where the machine has no other, the cluster's own answers.
 */
export function resolvers(text: string, { dns }: Addresses): string {
  const servers = text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((server): server is string => server !== undefined && !loopback.test(server));
  return (servers.length > 0 ? servers : [dns]).map((server) => `nameserver ${server}\n`).join('');
}
