import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, isIP, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EphemeraError, type KubeObject, type Pod } from '@ephemera/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectCluster, type ExecEnd, type ExecOptions, type ExecStream } from '../src/index.ts';
import { bytesOf } from './exec-server.ts';
import { patience, podOf, startWorld, type World } from './world.ts';

let world: World;
let home: Pick<ExecOptions, 'namespace' | 'pod' | 'container'>;

beforeAll(async () => {
  world = await startWorld();
  home = { namespace: world.namespace, pod: 'room', container: 'main' };
  await makePod('room');
  await reaches('room', 'Running');
});
afterAll(() => world[Symbol.asyncDispose]());

type PodSpec = Readonly<Record<string, unknown>>;

/** A pod that runs, but for what `change` makes of it. */
async function makePod(name: string, change: (spec: PodSpec) => PodSpec = () => ({})): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: world.namespace };
  await vi.waitFor(async () => expect(await world.cluster.get(account)).toBeDefined(), patience);
  const pod: KubeObject & { readonly spec?: PodSpec } = podOf(name, world.namespace);
  const { spec = {} } = pod;
  await world.cluster.apply<KubeObject & { readonly spec: PodSpec }>({ ...pod, spec: { ...spec, ...change(spec) } });
}

/** Not `expect.poll`: that works inside tests only, and this also runs before them. */
async function reaches(name: string, phase: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', name, namespace: world.namespace };
  await vi.waitFor(async () => expect((await world.cluster.get<Pod>(ref))?.status?.phase).toBe(phase), patience);
}

const start = (options: Partial<ExecOptions>) => world.cluster.exec({ ...home, command: ['true'], ...options });
const shell = (script: string, options: Partial<ExecOptions> = {}) =>
  start({ command: ['sh', '-c', script], stdin: false, ...options });

/** How an exec failed, whether that was said before the stream was open or in it. */
async function failureOf(options: Partial<ExecOptions>): Promise<unknown> {
  const end = await start(options).then(
    (stream) => stream.ended,
    (error: unknown) => error,
  );
  return end instanceof Error ? end : ((end as Partial<Extract<ExecEnd, { kind: 'failed' }>>).error ?? end);
}

test.each([
  ['exit 0', 0],
  ['exit 7', 7],
  ['exit 255', 255],
  ['kill -9 $$', 137],
  ['kill -15 $$', 143],
])('a real command that ends with `%s` ends with %i, and its outputs come apart', async (script, exitCode) => {
  const stream = await shell(`printf 'für stdout'; printf 'für stderr' >&2; ${script}`);
  expect((await bytesOf(stream.stdout)).toString()).toBe('für stdout');
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode });
  expect(stream.stderrText()).toBe('für stderr');
});

test('10 MiB of any bytes go in and come back, and the end of input is passed on', async () => {
  const bytes = randomBytes(10 * 1024 * 1024);
  const stream = await start({ command: ['cat'] });
  const reading = bytesOf(stream.stdout);
  await stream.write(bytes);
  await stream.closeStdin();
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  expect(hash(await reading)).toBe(hash(bytes));
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('100 MiB of output come whole to a reader that takes its time', async () => {
  const stream = await shell('head -c 104857600 /dev/zero');
  let received = 0;
  for await (const bytes of stream.stdout) {
    received += bytes.byteLength;
    await nextTurn();
  }
  expect(received).toBe(104_857_600);
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
}, 120_000);

test('the API server answers pings, so a command that says nothing is not lost', async () => {
  const stream = await shell('sleep 2', { pingEveryMs: 100 });
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('arguments arrive as they are, with no shell in between', async () => {
  const words = ['a b', '', '$(id)', 'ü\n"\'', '--', '*'];
  const stream = await start({ command: ['printf', '%s|', ...words], stdin: false });
  expect((await bytesOf(stream.stdout)).toString()).toBe(words.map((word) => `${word}|`).join(''));
});

test('a pod that is not there, and a container that the pod does not have', async () => {
  expect(await failureOf({ pod: 'nobody' })).toMatchObject({ code: 'kube.not_found', retryable: false });
  expect(await failureOf({ container: 'side' })).toMatchObject({ code: 'kube.invalid', retryable: false });
});

test('a program that the container does not have is no result', async () => {
  const stream = await start({ command: ['/no/such/program'] });
  const end = await stream.ended;
  expect(end).not.toMatchObject({ kind: 'exited', exitCode: 0 });
  expect(end.kind === 'exited' ? end.exitCode : end).toSatisfy(
    (seen) => seen === 127 || seen === 126 || (seen as ExecEnd).kind === 'failed',
  );
});

test('a pod without a node, and one whose container waits for another, are not ready yet', async () => {
  await makePod('homeless', () => ({ nodeSelector: { 'ephemera.test/none': 'none' } }));
  const notReady = { code: 'kube.container_not_ready', retryable: true };
  expect(await failureOf({ pod: 'homeless' })).toMatchObject(notReady);

  await makePod('slow', ({ containers }) => ({
    initContainers: [{ name: 'first', image: 'busybox:1', command: ['sleep', '600'] }],
    containers,
  }));
  const command = ['true'];
  await expect
    .poll(() => failureOf({ pod: 'slow', container: 'first', command }), patience)
    .toEqual({
      kind: 'exited',
      exitCode: 0,
    });
  expect(await failureOf({ pod: 'slow' })).toMatchObject(notReady);
});

test('whoever tries from the making of a pod on meets only errors that may be tried again, until it works', async () => {
  await makePod('fresh');
  const met = new Set<string>();
  const deadline = AbortSignal.timeout(patience.timeout);
  for (;;) {
    const end = await failureOf({ pod: 'fresh', command: ['true'], stdin: false });
    if (!(end instanceof EphemeraError)) {
      expect(end).toEqual({ kind: 'exited', exitCode: 0 });
      break;
    }
    expect(end).toMatchObject({ retryable: true });
    met.add(end.code);
    deadline.throwIfAborted();
  }
  expect([...met]).toContain('kube.container_not_ready');
});

test('a pod that is deleted under a command: failed, lost or killed, never exited with 0', async () => {
  await makePod('doomed');
  await reaches('doomed', 'Running');
  const stream = await shell('echo here; sleep 600', { pod: 'doomed', pingEveryMs: 500 });
  const first = await stream.stdout[Symbol.asyncIterator]().next();
  expect(Buffer.from(first.value as Uint8Array).toString()).toBe('here\n');
  await world.cluster.remove({ apiVersion: 'v1', kind: 'Pod', name: 'doomed', namespace: world.namespace });
  const end = await stream.ended;
  expect(end).toSatisfy((seen: ExecEnd) => seen.kind !== 'exited' || seen.exitCode > 128);
});

test('a container that has ended is told apart from one that is on its way', async () => {
  await makePod('over', () => ({
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox:1', command: ['true'] }],
  }));
  await reaches('over', 'Succeeded');
  const error = await failureOf({ pod: 'over' });
  expect(error).toBeInstanceOf(EphemeraError);
  expect(error).toMatchObject({ code: expect.stringMatching(/^kube\.(exec_failed|container_not_ready|invalid)$/) });
});

test('a connection that is cut under a command is lost; the command goes on and others connect again', async () => {
  await using proxy = await relay(new URL(world.access.server));
  const { hostname } = new URL(world.access.server);
  const tlsServerName = world.access.tlsServerName ?? (isIP(hostname) ? 'kubernetes' : hostname);
  await using cluster = await connectCluster({ ...world.access, server: proxy.url, tlsServerName });
  const open = (script: string): Promise<ExecStream> =>
    cluster.exec({ ...home, command: ['sh', '-c', script], stdin: false });

  const stream = await open('echo here; sleep 2; echo done > /tmp/went-on');
  const first = await stream.stdout[Symbol.asyncIterator]().next();
  expect(Buffer.from(first.value as Uint8Array).toString()).toBe('here\n');
  proxy.cut();
  expect(await stream.ended).toMatchObject({ kind: 'lost', error: { code: 'kube.unreachable', retryable: true } });

  const again = await open('until [ -s /tmp/went-on ]; do sleep 0.1; done; cat /tmp/went-on');
  expect((await bytesOf(again.stdout)).toString()).toBe('done\n');
  expect(await again.ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('the rights of another account are those that the API server would grant it', async () => {
  const right = { verb: 'create', group: 'batch', resource: 'jobs', namespace: world.namespace };
  const user = `system:serviceaccount:${world.namespace}:default`;
  expect(await world.cluster.may({ user }, right)).toBe(false);
  expect(await world.cluster.may({ user: 'jane', groups: ['system:masters'] }, right)).toBe(true);
  // What every service account has by its groups.
  const discovery = { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' };
  expect(await world.cluster.may({ user }, discovery)).toBe(true);
  expect(await world.cluster.may({ user, groups: [] }, discovery)).toBe(false);
});

/** Passes TLS through unread, and breaks all connections on demand, without a word to either side. */
async function relay(to: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(to.port || 443), to.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
