import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { expect, test, vi } from 'vitest';
import { patience, runs, small, shareSandbox, type Shared } from './sandbox-command.ts';

let world: Shared['world'];
let commands: Shared['commands'];
let shared: Shared['shared'];
shareSandbox((made) => ({ world, commands, shared } = made));

const run = (...args: readonly string[]) => commands.sandbox(['run', ...small, ...args]);
const exec = (...args: readonly string[]) => commands.sandbox(['exec', ...args]);

test('sandbox run gives both outputs byte for byte and the exit code of its command, and leaves nothing', async () => {
  const script = String.raw`echo $$ >/dev/null; printf 'a\r\n\000\377'; printf '\376' >&2; hostname >>/tmp/name; cat /tmp/name; exit 7`;
  const { code, stdout, stderr } = await run('busybox:1', '--', 'sh', '-c', script);
  expect([code, stderr]).toEqual([7, Buffer.from([0xfe])]);
  expect(stdout.subarray(0, 5)).toEqual(Buffer.from([0x61, 0x0d, 0x0a, 0, 0xff]));
  const pod = stdout.subarray(5).toString().trim();
  expect(pod).toMatch(/^sandbox-[0-9a-f]{10}-/);
  expect(await world.left(pod.slice(0, 18))).toEqual([]);
});

test('sandbox exec ends with 0, with the code of its command, and with 128 + n where a signal ended it', async () => {
  const codes = await Promise.all(
    ['exit 0', 'exit 125', 'kill -9 $$', 'kill -TERM $$'].map(async (script) => {
      const { code, stderr } = await exec(shared, '--', 'sh', '-c', script);
      return [code, String(stderr)];
    }),
  );
  expect(codes).toEqual([
    [0, ''],
    [125, ''],
    [137, ''],
    [143, ''],
  ]);
});

test('a command that outlives its --timeout ends with 124, and its grandchildren with it', async () => {
  const script = 'setsid sleep 987651 & (sleep 987652 & sleep 987653) & echo begun; wait';
  const { code, stdout, stderr } = await exec('--timeout', '1s', shared, '--', 'sh', '-c', script);
  expect([code, String(stdout), String(stderr)]).toEqual([124, 'begun\n', '']);
  await vi.waitFor(async () => expect(await runs(commands, shared, 'sleep 98765')).toBe(false), patience);
});

test('where the pod is deleted the command has no result: 125, with the reason and the cluster on standard error', async () => {
  const id = await commands.create();
  await using running = commands.startSandbox(['exec', id, '--', 'sh', '-c', 'echo begun; sleep 600']);
  await vi.waitFor(() => expect(running.stdout()).toBe('begun\n'), patience);
  await kubectl(['delete', 'pod', '-n', world.namespace, '-l', `job-id=${id}`, '--wait=false']);
  const { code, stderr } = await running.finished();
  expect(code, stderr).toBe(125);
  expect(stderr).toMatch(
    /^cluster \S+ \(.*\nError: Sandbox \S+ (is gone|was removed from its node): .+\n\nWhat ran in it/,
  );
});

test('no such image, no such program and no such sandbox are 125 with the reason, and leave nothing', async () => {
  const noImage = await run('ephemera.invalid/none:1', '--', 'true');
  expect(noImage.code).toBe(125);
  expect(String(noImage.stderr)).toMatch(/Error: The sandbox with ephemera\.invalid\/none:1 does not start: /);
  const id = /sandbox-[0-9a-f]{10}/.exec(String(noImage.stderr))?.[0];
  expect(id).toBeDefined();
  expect(await world.left(id)).toEqual([]);
  const noProgram = await exec(shared, '--', 'no-such-program');
  expect(noProgram.code).toBe(125);
  expect(String(noProgram.stderr)).toContain('Error: no-such-program cannot be run: there is no such file.');
  const noSandbox = await exec('sandbox-0123456789', '--', 'true');
  expect(noSandbox.code).toBe(125);
  expect(String(noSandbox.stderr)).toContain('Error: There is no sandbox sandbox-0123456789.');
});

test('create of an image that is nowhere ends with 1, and in a namespace without the account it says what to apply', async () => {
  const noImage = await commands.sandbox(['create', ...small, 'ephemera.invalid/none:1']);
  expect([noImage.code, String(noImage.stdout)]).toEqual([1, '']);
  const noAccount = await commands.sandbox(['create', ...small, '--service-account', 'nobody', 'busybox:1']);
  expect(noAccount.code).toBe(1);
  expect(String(noAccount.stderr)).toContain('kubectl apply -f k8s/rbac/k8s.yaml');
});

test('with -i bytes of any kind go through, and 20 MB come back whole', async () => {
  const bytes = randomBytes(3_000_000);
  const echoed = await commands.sandbox(['exec', '-i', shared, '--', 'cat'], bytes);
  expect(echoed.code, String(echoed.stderr)).toBe(0);
  expect(echoed.stdout.equals(bytes)).toBe(true);
  const many = await exec(shared, '--', 'sh', '-c', 'head -c 20000000 /dev/zero');
  expect([many.code, many.stdout.length]).toEqual([0, 20_000_000]);
});

test('without -i nothing is read; with it a command that ends is not kept by who holds its input open', async () => {
  const unread = commands.openSandbox(['exec', shared, '--', 'cat']);
  unread.stdin.write('not for you');
  const read = commands.openSandbox(['exec', '-i', shared, '--', 'head', '-n', '1']);
  read.stdin.write('one\ntwo\n');
  const ends = [unread, read].map(async (child) => {
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    child.stdin.destroy();
    return [code as unknown, output];
  });
  expect(await Promise.all(ends)).toEqual([
    [0, ''],
    [0, 'one\n'],
  ]);
});

test('a reader that leaves, as head does, ends the command quietly', async () => {
  const child = commands.openSandbox(['exec', shared, '--', 'sh', '-c', 'echo first; exec yes leaving']);
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdout.destroy();
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([first.toString().slice(0, 6), said, code]).toEqual(['first\n', '', 141]);
  await vi.waitFor(async () => expect(await runs(commands, shared, 'yes leaving')).toBe(false), patience);
});

test('Ctrl-C ends the tree of the command with 130, and leaves the sandbox', async () => {
  const script = 'setsid sleep 876541 & echo begun; sleep 876542';
  await using running = commands.startSandbox(['exec', shared, '--', 'sh', '-c', script]);
  await vi.waitFor(() => expect(running.stdout()).toBe('begun\n'), patience);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.finished();
  expect([code, stderr]).toEqual([130, 'Error: Interrupted by SIGINT.\n']);
  await vi.waitFor(async () => expect(await runs(commands, shared, 'sleep 87654')).toBe(false), patience);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends sandbox run with 130, and nothing is left of its sandbox',
  async (signal) => {
    await using running = commands.startSandbox([
      'run',
      ...small,
      'busybox:1',
      '--',
      'sh',
      '-c',
      'hostname; sleep 600',
    ]);
    await vi.waitFor(() => expect(running.stdout()).toMatch(/^sandbox-.*\n/), patience);
    running.child.kill(signal);
    expect((await running.finished()).code).toBe(130);
    expect(await world.left(running.stdout().slice(0, 18))).toEqual([]);
  },
);

test('sandbox run that is interrupted as soon as its Job is there removes it before it ends', async () => {
  // A name gives the same id each time, so that it is known before the Job is there.
  const id = await commands.create(['--name', 'early']);
  expect((await commands.sandbox(['kill', id])).code).toBe(0);
  const created = kubectl(['wait', '--for=create', `job/${id}`, '-n', world.namespace, '--timeout=60s']);
  await using running = commands.startSandbox(['run', ...small, '--name', 'early', 'busybox:1', '--', 'sleep', '600']);
  await created;
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.finished();
  expect([code, stdout]).toEqual([130, '']);
  expect(await world.left(id)).toEqual([]);
});

test('a second Ctrl-C leaves at once, and says which sandbox may be left', async () => {
  const script = 'trap "" TERM; hostname; while :; do sleep 600; done';
  await using running = commands.startSandbox(['run', ...small, 'busybox:1', '--', 'sh', '-c', script]);
  await vi.waitFor(() => expect(running.stdout()).toMatch(/^sandbox-.*\n/), patience);
  const id = running.stdout().slice(0, 18);
  running.child.kill('SIGINT');
  // Its pod takes the whole grace: the first one is at work when this is seen.
  const ending = () =>
    kubectl(['get', 'job', id, '-n', world.namespace, '-o', 'jsonpath={.metadata.deletionTimestamp}']);
  await vi.waitFor(async () => expect(await ending()).not.toBe(''), patience);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.finished();
  expect(code).toBe(130);
  expect(stderr).toContain(`Left at once: sandbox ${id} may still be there`);
  expect(stderr).toContain(`npx ephemera sandbox kill --namespace ${world.namespace} `);
  await world.gone(id);
});

test('--env takes a value from the environment: it reaches the command, and stands in no object and no argument', async () => {
  const SECRET = `swordfish-${randomBytes(8).toString('hex')}`;
  const id = await commands.create(['--name', 'secretive']);
  const variables = { SECRET };
  const printed = await commands.sandboxWith(variables, [
    'exec',
    '--env',
    'SECRET',
    id,
    '--',
    'sh',
    '-c',
    'echo $SECRET',
  ]);
  expect([printed.code, String(printed.stdout)]).toEqual([0, `${SECRET}\n`]);
  const made = await commands.sandboxWith(variables, [
    'run',
    ...small,
    '--env',
    'SECRET',
    'busybox:1',
    '--',
    'sh',
    '-c',
    'echo $SECRET; cat /proc/1/cmdline; env -i cat /proc/self/cmdline',
  ]);
  expect(made.code, String(made.stderr)).toBe(0);
  expect(String(made.stdout).split(SECRET)).toHaveLength(2);
  const given = await commands.sandboxWith(variables, [
    'create',
    ...small,
    '--env',
    'SECRET',
    '--name',
    'given',
    'busybox:1',
  ]);
  const later = await exec('given', '--', 'sh', '-c', 'echo $SECRET');
  expect([given.code, String(later.stdout)]).toEqual([0, `${SECRET}\n`]);
  const objects = await kubectl(['get', 'all,configmaps,secrets,events', '-n', world.namespace, '-o', 'json']);
  expect(objects).toContain('secretive');
  expect(objects).not.toContain(SECRET);
  expect((await commands.sandbox(['kill', 'given', id])).code).toBe(0);
});
