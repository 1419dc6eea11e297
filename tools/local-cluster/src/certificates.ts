import type { Addresses } from './addresses.ts';
import { dnsUser } from './config/objects.ts';

/** One certificate that the node program makes; all are signed by the instance's own authority. */
export interface Leaf {
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  readonly usage: 'server' | 'client';
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
}

/** The identities of the cluster. Kubernetes binds the `system:` names to their rights by itself. */
export function leavesOf(node: string, addresses: Addresses): Leaf[] {
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  const own = ['127.0.0.1', addresses.node];
  return [
    {
      name: 'kube-apiserver',
      commonName: 'kube-apiserver',
      usage: 'server',
      addresses: [...own, addresses.apiService],
      names: ['localhost', ...service],
    },
    { name: 'kubelet-server', commonName: node, usage: 'server', addresses: own, names: [node] },
    { name: 'admin', commonName: 'admin', organization: 'system:masters', usage: 'client' },
    ...['kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name): Leaf => ({
      name,
      commonName: `system:${name}`,
      usage: 'client',
    })),
    { name: 'kubelet', commonName: `system:node:${node}`, organization: 'system:nodes', usage: 'client' },
    { name: 'coredns', commonName: dnsUser, usage: 'client' },
  ];
}

/** Who gets a kubeconfig of the same name. */
export const clients = ['admin', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'coredns'];
