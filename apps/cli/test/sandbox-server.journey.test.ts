import { randomBytes } from 'node:crypto';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  onCluster,
  patience,
  runs,
  sandboxCommands,
  small,
  startSandboxNamespace,
  type SandboxCommands,
  type SandboxNamespace,
} from './sandbox-command.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startUp, tokenOf, type Up } from './up.ts';

const owned = new AsyncDisposableStack();
let world: SandboxNamespace;
let dataDir: { readonly path: string };
let server: Up;
let commands: SandboxCommands;
let shared: string;
beforeAll(async () => {
  world = owned.use(await startSandboxNamespace());
  dataDir = owned.use(temporaryFolder('sandbox'));
  const settings = {
    DATA_DIR: dataDir.path,
    SANDBOXES_NAMESPACE: world.namespace,
    SANDBOXES_IMAGES: 'busybox:1,ephemera.invalid/*',
    SANDBOXES_PER_MINUTE: '1000',
  };
  server = owned.use(await startUp(settings));
  commands = await byServer('sandboxes:read,sandboxes:write');
  shared = await commands.create();
});
afterAll(() => owned.disposeAsync());

const byServer = async (scopes: string) =>
  sandboxCommands([], { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: await tokenOf(dataDir.path, scopes) });

test('by a server: run gives both outputs byte for byte and the exit code of its command, and leaves nothing', async () => {
  const script = String.raw`printf '\377'; printf '\376' >&2; hostname >/tmp/name; cat /tmp/name; exit 7`;
  const { code, stdout, stderr } = await commands.sandbox(['run', ...small, 'busybox:1', '--', 'sh', '-c', script]);
  expect([code, stdout[0], stderr]).toEqual([7, 0xff, Buffer.from([0xfe])]);
  expect(await world.left(stdout.subarray(1, 19).toString())).toEqual([]);
});

test('by a server: signal, timeout, no program, no image and no sandbox end as they do on a cluster', async () => {
  const codes = await Promise.all(
    [
      ['exec', shared, '--', 'sh', '-c', 'kill -9 $$'],
      ['exec', '--timeout', '1s', shared, '--', 'sleep', '600'],
      ['exec', shared, '--', 'no-such-program'],
      ['run', ...small, 'ephemera.invalid/none:1', '--', 'true'],
      ['exec', 'sandbox-0123456789', '--', 'true'],
    ].map(async (args) => (await commands.sandbox(args)).code),
  );
  expect(codes).toEqual([137, 124, 125, 125, 125]);
});

test('by a server: 20 MB and bytes of any kind go through, and files in both directions', async () => {
  using folder = temporaryFolder('cp');
  const bytes = randomBytes(1_000_000);
  const echoed = await commands.sandbox(['exec', '-i', shared, '--', 'cat'], bytes);
  expect(echoed.stdout.equals(bytes)).toBe(true);
  const many = await commands.sandbox(['exec', shared, '--', 'head', '-c', '20000000', '/dev/zero']);
  expect([many.code, many.stdout.length]).toEqual([0, 20_000_000]);
  writeFileSync(join(folder.path, 'bytes'), bytes);
  const up = await commands.sandbox(['cp', join(folder.path, 'bytes'), `${shared}:there/`]);
  expect([up.code, String(up.stderr)]).toEqual([
    0,
    expect.stringMatching(/^server http\S+ \(with EPHEMERA_TOKEN\)\n1 file/),
  ]);
  const down = await commands.sandbox(['cp', `${shared}:there/bytes`, join(folder.path, 'back')]);
  expect(down.code).toBe(0);
  expect(readFileSync(join(folder.path, 'back')).equals(bytes)).toBe(true);
});

test('by a server: where the pod is deleted the command has no result, and Ctrl-C ends its tree', async () => {
  const id = await commands.create();
  const script = 'echo begun; sleep 765431';
  await using lost = commands.startSandbox(['exec', id, '--', 'sh', '-c', script]);
  await using stopped = commands.startSandbox(['exec', shared, '--', 'sh', '-c', script]);
  await vi.waitFor(() => expect([lost.stdout(), stopped.stdout()]).toEqual(['begun\n', 'begun\n']), patience);
  await kubectl(['delete', 'pod', '-n', world.namespace, '-l', `job-id=${id}`, '--wait=false']);
  stopped.child.kill('SIGINT');
  expect((await stopped.finished()).code).toBe(130);
  await vi.waitFor(async () => expect(await runs(commands, shared, 'sleep 765431')).toBe(false), patience);
  const { code, stderr } = await lost.finished();
  expect([code, stderr]).toEqual([125, expect.stringMatching(/^server http.*\nError: Sandbox /)]);
});

test('by a server: a token reaches its own sandboxes only, and the cluster way none of them', async () => {
  const other = await byServer('sandboxes:read,sandboxes:write');
  expect((await other.sandbox(['list', '--json'])).stdout.toString().trim()).toBe('[]');
  const foreign = await other.sandbox(['exec', shared, '--', 'true']);
  expect([foreign.code, String(foreign.stdout)]).toEqual([125, '']);
  const direct = await onCluster(world.namespace).sandbox(['kill', shared]);
  expect([direct.code, String(direct.stderr)]).toEqual([3, expect.stringContaining('belongs to an Ephemera server')]);
  const listed = JSON.parse(String((await commands.sandbox(['list', '--json'])).stdout));
  expect(listed).toContainEqual(expect.objectContaining({ id: shared, state: 'running' }));
});

test('by a server: a token without the right, and what the server does not allow, are refused with 3 and 2', async () => {
  const reader = await byServer('sandboxes:read');
  const refused = await reader.sandbox(['create', ...small, 'busybox:1']);
  expect([refused.code, String(refused.stderr)]).toEqual([3, expect.stringContaining('sandboxes:write')]);
  const image = await commands.sandbox(['create', ...small, 'alpine:3']);
  expect([image.code, String(image.stderr)]).toEqual([3, expect.stringContaining('alpine:3')]);
  const decided = await commands.sandbox(['create', '--runtime-class', 'gvisor', 'busybox:1']);
  expect([decided.code, String(decided.stderr)]).toEqual([
    2,
    expect.stringContaining('--runtime-class is decided by the server'),
  ]);
});

test('by a server: kill leaves nothing of the sandbox', async () => {
  const id = await commands.create(['--name', 'box']);
  const killed = await commands.sandbox(['kill', 'box']);
  expect([killed.code, String(killed.stdout)]).toEqual([0, `${id}\n`]);
  expect(await world.left(id)).toEqual([]);
});
