import { join } from 'node:path';
import { apiServerPort, registryPort, type Addresses } from './addresses.ts';
import { containerdSocket } from './config/containerd.ts';
import type { Layout } from './layout.ts';
import { programOf, type Toolbox } from './toolbox.ts';

/** A process of the node. It starts when those named in `after` are ready, and again whenever it ends. */
export interface Component {
  readonly name: string;
  readonly after?: readonly string[];
  readonly command: readonly string[];
  /** Does its work and ends; ready once it ended well. */
  readonly once?: boolean;
  readonly ready?: { readonly url?: string; readonly socket?: string };
}

export interface ComponentSettings {
  readonly layout: Layout;
  readonly addresses: Addresses;
  readonly toolbox: Toolbox;
  readonly images: readonly { readonly name: string; readonly archive: string }[];
}

export function componentsOf({ layout, addresses, toolbox, images }: ComponentSettings): Component[] {
  const kube = programOf(toolbox, 'kube');
  const config = (file: string): string => join(layout.config, file);
  const certificate = (file: string): string => join(layout.certificates, file);
  const access = (name: string): string => config(`${name}.kubeconfig`);
  const allAccess = (name: string): string[] => [
    `--kubeconfig=${access(name)}`,
    `--authentication-kubeconfig=${access(name)}`,
    `--authorization-kubeconfig=${access(name)}`,
  ];
  return [
    {
      name: 'etcd',
      command: [
        kube,
        'etcd',
        `--data-dir=${join(layout.data, 'etcd')}`,
        // The data is thrown away with the instance, so nothing has to reach the disk.
        '--unsafe-no-fsync',
        '--log-level=warn',
        '--listen-client-urls=http://127.0.0.1:2379',
        '--advertise-client-urls=http://127.0.0.1:2379',
        '--listen-peer-urls=http://127.0.0.1:2380',
      ],
      ready: { url: 'http://127.0.0.1:2379/health' },
    },
    {
      name: 'kube-apiserver',
      after: ['etcd'],
      command: [
        kube,
        'kube-apiserver',
        '--etcd-servers=http://127.0.0.1:2379',
        `--service-cluster-ip-range=${addresses.services}`,
        `--secure-port=${apiServerPort}`,
        '--bind-address=0.0.0.0',
        `--advertise-address=${addresses.node}`,
        `--tls-cert-file=${certificate('kube-apiserver.crt')}`,
        `--tls-private-key-file=${certificate('kube-apiserver.key')}`,
        `--client-ca-file=${certificate('ca.crt')}`,
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--allow-privileged=true',
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-account-key-file=${certificate('service-accounts.key')}`,
        `--service-account-signing-key-file=${certificate('service-accounts.key')}`,
        // Without a client certificate, logs, exec and port-forward fail.
        `--kubelet-client-certificate=${certificate('admin.crt')}`,
        `--kubelet-client-key=${certificate('admin.key')}`,
        `--kubelet-certificate-authority=${certificate('ca.crt')}`,
        '--kubelet-preferred-address-types=InternalIP',
        '--profiling=false',
      ],
      ready: { url: `https://127.0.0.1:${apiServerPort}/readyz` },
    },
    {
      name: 'kube-controller-manager',
      after: ['kube-apiserver'],
      command: [
        kube,
        'kube-controller-manager',
        ...allAccess('kube-controller-manager'),
        `--service-account-private-key-file=${certificate('service-accounts.key')}`,
        `--root-ca-file=${certificate('ca.crt')}`,
        `--cluster-signing-cert-file=${certificate('ca.crt')}`,
        `--cluster-signing-key-file=${certificate('ca.key')}`,
        '--use-service-account-credentials',
        '--leader-elect=false',
        '--bind-address=127.0.0.1',
        `--service-cluster-ip-range=${addresses.services}`,
        '--allocate-node-cidrs',
        `--cluster-cidr=${addresses.pods}`,
        '--enable-hostpath-provisioner=true',
        `--flex-volume-plugin-dir=${config('volume-plugins')}`,
        // Each controller asks for credentials of its own before any starts; 20 requests a second would take 4 s.
        '--kube-api-qps=500',
        '--kube-api-burst=1000',
        // Many short-lived namespaces end at the same time.
        '--concurrent-namespace-syncs=20',
      ],
      ready: { url: 'https://127.0.0.1:10257/healthz' },
    },
    {
      name: 'kube-scheduler',
      after: ['kube-apiserver'],
      command: [
        kube,
        'kube-scheduler',
        ...allAccess('kube-scheduler'),
        '--leader-elect=false',
        '--bind-address=127.0.0.1',
      ],
      ready: { url: 'https://127.0.0.1:10259/healthz' },
    },
    {
      name: 'containerd',
      command: [programOf(toolbox, 'containerd'), '--config', config('containerd.toml')],
      ready: { socket: containerdSocket },
    },
    ...images.map(({ name, archive }): Component => ({
      name: imageComponent(name),
      after: ['containerd'],
      once: true,
      command: [programOf(toolbox, 'ctr'), '-a', containerdSocket, '-n', 'k8s.io', 'images', 'import', archive],
    })),
    {
      name: 'kubelet',
      // A pod needs its pause image at once.
      after: ['kube-apiserver', ...images.map(({ name }) => imageComponent(name))],
      command: [
        kube,
        'kubelet',
        `--config=${config('kubelet.yaml')}`,
        `--kubeconfig=${access('kubelet')}`,
        `--hostname-override=${layout.node}`,
        `--node-ip=${addresses.node}`,
        `--root-dir=${join(layout.data, 'kubelet')}`,
        '--v=2',
      ],
      ready: { url: 'http://127.0.0.1:10248/healthz' },
    },
    {
      name: 'kube-proxy',
      after: ['kube-apiserver'],
      command: [kube, 'kube-proxy', `--config=${config('kube-proxy.yaml')}`],
      ready: { url: 'http://127.0.0.1:10249/healthz' },
    },
    {
      name: 'objects',
      after: ['kube-apiserver'],
      once: true,
      command: [
        kube,
        'kubectl',
        `--kubeconfig=${access('admin')}`,
        'apply',
        '--server-side',
        '--validate=false',
        `--filename=${config('objects.yaml')}`,
      ],
    },
    {
      name: 'coredns',
      after: ['objects'],
      command: [programOf(toolbox, 'coredns'), '-conf', config('Corefile')],
      ready: { url: `http://${addresses.node}:8181/ready` },
    },
    {
      name: 'registry',
      command: [programOf(toolbox, 'registry'), 'serve', config('registry.yaml')],
      ready: { url: `http://${addresses.node}:${registryPort}/v2/` },
    },
  ];
}

function imageComponent(name: string): string {
  return `image ${name.replace(/^.*\//, '').replace(/:.*$/, '')}`.replace(' ', '-');
}
