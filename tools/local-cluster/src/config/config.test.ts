import { expect, test } from 'vitest';
import { addressesOf } from '../addresses.ts';
import { leavesOf } from '../certificates.ts';
import { componentsOf } from '../components.ts';
import { layoutOf } from '../layout.ts';
import { planOf } from '../plan.ts';
import { toolboxOf } from '../toolbox.ts';
import { containerdConfig, registryHost } from './containerd.ts';
import { kubeconfig } from './kubeconfig.ts';
import { dnsConfig, networkPlugins, resolvers } from './network.ts';
import { clusterObjects } from './objects.ts';

const addresses = addressesOf(0);
const settings = {
  layout: layoutOf('/cache', 'demo'),
  addresses,
  toolbox: toolboxOf('/cache'),
  images: [{ name: 'docker.io/local/pause:1', archive: '/cache/pause.tar' }],
};

test('every component waits only for components that exist, without a circle', () => {
  const started = new Set<string>();
  let waiting = componentsOf(settings);
  while (waiting.length > 0) {
    const next = waiting.filter(({ after = [] }) => after.every((name) => started.has(name)));
    expect(next).not.toEqual([]);
    for (const { name } of next) started.add(name);
    waiting = waiting.filter(({ name }) => !started.has(name));
  }
  expect([...started].toSorted()).toContain('kubelet');
});

test('the kubelet starts when the pause image is there', () => {
  const kubelet = componentsOf(settings).find(({ name }) => name === 'kubelet');
  expect(kubelet?.after).toEqual(['kube-apiserver', 'image-pause']);
});

test('the node sees private folders where its tools write, and the cache through all of them', () => {
  const { mounts, network } = planOf(settings);
  expect(mounts.keep).toEqual(['/cache']);
  expect(mounts.private).toEqual([
    { path: '/run', source: '' },
    { path: '/var/lib', source: '/cache/clusters/demo/data/var-lib' },
    { path: '/var/log', source: '/cache/clusters/demo/data/var-log' },
    { path: '/tmp', source: '/cache/clusters/demo/data/tmp' },
  ]);
  expect(network).toMatchObject({
    hostAddress: '10.244.255.1/30',
    nodeAddress: '10.244.255.2/30',
    route: '10.244.0.0/16',
  });
});

test('the API server has a certificate for every address that it is reached by', () => {
  const server = leavesOf('node', addresses).find(({ name }) => name === 'kube-apiserver');
  expect(server?.addresses).toEqual(['127.0.0.1', '10.244.255.2', '10.244.128.1']);
});

test('containerd quotes paths, and pins the pause image', () => {
  const text = containerdConfig({
    root: '/a "b"',
    registries: '/r',
    networkPlugins: '/p',
    networkConfig: '/n',
    runc: '/runc',
    optional: '/o',
  });
  expect(text).toContain(String.raw`root = "/a \"b\""`);
  expect(text).toContain('sandbox = "docker.io/local/pause:1"');
  expect(text).toContain('restrict_oom_score_adj = true');
  expect(registryHost('10.0.0.1:5000')).toBe('server = "http://10.0.0.1:5000"\n');
});

test('pods get addresses of the node', () => {
  expect(networkPlugins(addresses)).toMatchObject({
    plugins: [{ type: 'ptp', ipam: { ranges: [[{ subnet: '10.244.0.0/24' }]] } }, { type: 'portmap' }],
  });
});

test('names of the cluster are asked from Kubernetes before the answer for all others', () => {
  const text = dnsConfig('/k', 'c', addresses);
  expect(text.indexOf('kubernetes cluster.local')).toBeLessThan(text.indexOf('NXDOMAIN'));
  expect(text.match(/bind 10\.244\.255\.2/g)).toHaveLength(2);
});

test.each([
  ['nameserver 192.0.2.53\nsearch example.org\n', 'nameserver 192.0.2.53\n'],
  ['nameserver 127.0.0.53\noptions edns0\n', 'nameserver 10.244.128.10\n'],
  ['nameserver ::1\n nameserver 192.0.2.1 # home\n', 'nameserver 192.0.2.1\n'],
  ['', 'nameserver 10.244.128.10\n'],
])('name servers of %j are %j', (text, expected) => {
  expect(resolvers(text, addresses)).toBe(expected);
});

test('the name service and its endpoint carry the same ports', () => {
  const { items } = clusterObjects(addresses) as { items: { kind: string; spec?: { clusterIP?: string } }[] };
  expect(items.map(({ kind }) => kind)).toEqual([
    'Service',
    'EndpointSlice',
    'ClusterRole',
    'ClusterRoleBinding',
    'StorageClass',
  ]);
  expect(items[0]?.spec?.clusterIP).toBe('10.244.128.10');
});

test('a kubeconfig holds its credentials itself', () => {
  expect(kubeconfig({ context: 'c', server: 'https://s', authority: 'A', certificate: 'B', key: 'C' })).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://s', 'certificate-authority-data': 'QQ==' } }],
    users: [{ name: 'c', user: { 'client-certificate-data': 'Qg==', 'client-key-data': 'Qw==' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
    'current-context': 'c',
  });
});
