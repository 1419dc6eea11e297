import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { busyboxFiles, busyboxOf } from '../src/busybox.ts';
import { cgroupFolders, processesIn } from '../src/cgroups.ts';
import { makeImage } from '../src/image.ts';
import { clusterDown, clusterStatus, clusterUp, type ClusterStatus, type ProgressEvent } from '../src/index.ts';
import { layoutOf } from '../src/layout.ts';
import { forgetOtherImages } from '../src/node-images.ts';
import { push } from '../src/push.ts';
import { cache } from './cache.ts';
import { kubectlOf, pod } from './kubectl.ts';
import { leftovers, machine, namespacesOfInstance, nothing } from './leftovers.ts';

const options = { cache, name: 'lifecycle' };
const layout = layoutOf(cache, options.name);
const kubectl = kubectlOf(options);
const create = async (object: object): Promise<void> => void (await kubectl(['create', '-f', '-'], object));
const ended = (name: string): Promise<string> =>
  kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=40s']);
const hour = 3_600_000;

let before: Awaited<ReturnType<typeof machine>>;
let cluster: ClusterStatus;
const events: ProgressEvent[] = [];

beforeAll(async () => {
  await clusterDown(options);
  before = await machine();
  const report = (event: ProgressEvent): void => void events.push(event);
  // Twice at once: one starts it, the other waits and finds it up. The first on a machine builds the tools.
  const both = await Promise.all([clusterUp({ ...options, report }), clusterUp({ ...options, report })]);
  expect(both[0]).toEqual(both[1]);
  cluster = both[0];
}, hour);

afterAll(() => clusterDown(options), 60_000);

test('two `up` at once start one cluster', () => {
  expect(cluster).toMatchObject({ name: 'lifecycle', state: 'up', version: 'v1.36.3' });
  expect(events.filter(({ step, state }) => step === 'kube-apiserver' && state === 'started')).toHaveLength(1);
  expect(events.filter(({ step }) => step.startsWith('waiting for another command'))).toMatchObject([
    { state: 'started', detail: `pid ${process.pid}` },
    { state: 'done' },
  ]);
});

test('another `up` finds it and changes nothing', async () => {
  const again: ProgressEvent[] = [];
  expect(await clusterUp({ ...options, report: (event) => again.push(event) })).toEqual(cluster);
  expect(again).toEqual([]);
  expect(await clusterStatus(options)).toEqual(cluster);
});

test('the kubeconfig is for its owner only and names the instance', async () => {
  expect((await stat(layout.kubeconfig)).mode & 0o777).toBe(0o600);
  expect(await kubectl(['config', 'current-context'])).toBe('ephemera-lifecycle\n');
});

test('the API server answers on loopback', async () => {
  expect(await kubectl([`--server=${cluster.apiServerLoopback}`, 'get', '--raw', '/readyz'])).toBe('ok');
});

test('a pod runs, with logs and exec', async () => {
  await create(pod('runs', { command: ['sh', '-c', 'echo out; sleep 600'] }));
  await kubectl(['wait', '--for=condition=Ready', 'pod/runs', '--timeout=40s']);
  expect(await kubectl(['logs', 'runs'])).toBe('out\n');
  expect(await kubectl(['exec', 'runs', '--', 'sh', '-c', 'echo $((6 * 7))'])).toBe('42\n');
}, 60_000);

test('a service is reached by name from a pod and by address from the machine', async () => {
  await create(
    pod('web', { command: ['sh', '-c', 'echo found > /tmp/index.html; httpd -f -h /tmp'], labels: { app: 'web' } }),
  );
  await create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  const ask = String.raw`until printf 'GET /index.html HTTP/1.0\r\n\r\n' | nc shop.default 80 | grep found; do sleep 0.2; done`;
  await create(pod('asks', { command: ['sh', '-c', ask] }));
  await ended('asks');
  expect(await kubectl(['logs', 'asks'])).toBe('found\n');
  const address = await kubectl(['get', 'service', 'shop', '-o', 'jsonpath={.spec.clusterIP}']);
  expect(await (await fetch(`http://${address}/index.html`)).text()).toBe('found\n');
}, 60_000);

test('a name outside the cluster does not exist', async () => {
  await create(pod('outside', { command: ['sh', '-c', 'nslookup -type=a example.com; true'] }));
  await ended('outside');
  expect(await kubectl(['logs', 'outside'])).toContain('NXDOMAIN');
}, 60_000);

test('a volume claim is bound and keeps what one pod wrote for the next', async () => {
  await create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await create(pod('writes', { command: ['sh', '-c', 'echo kept > /data/file'], claim: 'data' }));
  await ended('writes');
  await create(pod('reads', { command: ['cat', '/data/file'], claim: 'data' }));
  await ended('reads');
  expect(await kubectl(['logs', 'reads'])).toBe('kept\n');
}, 60_000);

test('an image that was pushed is pulled, also under the name of a public registry', async () => {
  const files = await busyboxFiles(busyboxOf(cache));
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  await push(cluster.registry ?? '', 'acme/tool', ['1'], makeImage(files, { arch, command: ['echo', 'pulled'] }));
  const images = { own: `${cluster.registry}/acme/tool:1`, public: 'ghcr.io/acme/tool:1', hub: 'busybox' };
  for (const [name, image] of Object.entries(images))
    await create(pod(`pulls-${name}`, { image, command: ['echo', name] }));
  for (const name of Object.keys(images)) await ended(`pulls-${name}`);
}, 60_000);

test('an image that was pushed again under its tag is pulled again when the node was told to forget the old one', async () => {
  const files = await busyboxFiles(busyboxOf(cache));
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const run = async (said: string): Promise<string> => {
    const image = makeImage(files, { arch, entrypoint: ['echo', said] });
    await push(cluster.registry ?? '', 'acme/moving', ['1'], image);
    await forgetOtherImages(options, { 'docker.io/acme/moving:1': image.manifest.digest });
    await create(pod(said, { image: 'acme/moving:1', command: [] }));
    await ended(said);
    return kubectl(['logs', said]);
  };
  expect(await run('first')).toBe('first\n');
  expect(await run('second')).toBe('second\n');
}, 60_000);

test('an image that nobody pushed is refused at once', async () => {
  await create(pod('missing', { image: 'registry.example/none:1', command: ['true'] }));
  const reason = '{.status.containerStatuses[0].state.waiting.reason}';
  const refused = async (): Promise<string> => kubectl(['get', 'pod', 'missing', '-o', `jsonpath=${reason}`]);
  await expect.poll(refused, { timeout: 10_000 }).toMatch(/ErrImagePull|ImagePullBackOff/);
}, 60_000);

test('a component that ends is started again', async () => {
  const pids = await processesIn(await cgroupFolders(layout.cgroup));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const scheduler = pids[commands.findIndex((command) => command.includes('\0kube-scheduler\0'))];
  process.kill(scheduler ?? Number.NaN, 'SIGKILL');
  const states = async (): Promise<string[]> =>
    (await readFile(layout.events, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { component: string; state: string })
      .filter(({ component }) => component === 'kube-scheduler')
      .map(({ state }) => state);
  await expect.poll(states, { timeout: 20_000 }).toEqual(['started', 'ready', 'failed', 'ready']);
}, 60_000);

test('`down` leaves nothing outside the cache', async () => {
  const namespaces = await namespacesOfInstance(layout);
  expect((await leftovers(layout, namespaces))['processes']?.length).toBeGreaterThan(10);

  await clusterDown(options);

  expect(await leftovers(layout, namespaces)).toEqual(nothing);
  expect(await machine()).toEqual(before);
  expect(await clusterStatus(options)).toMatchObject({ state: 'down', kubeconfig: null, apiServer: null });
}, 60_000);

test('`down` of what is not there is fine', async () => {
  await clusterDown(options);
});
