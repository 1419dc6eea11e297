import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KubernetesSandbox, Sandbox } from '../src/index.ts';
import { patience, podOf, seen, small, startWorld, type World } from './world.ts';

const ms = (text: string) => new Date(text).getTime();

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** The class of document 001, with as little as fits the node of the tests. */
function documented(): KubernetesSandbox {
  const { image, ...rest } = small;
  return new KubernetesSandbox(image, world.namespace, { ...rest, on: world.host() });
}

const jobIds = async () => {
  const names = await kubectl(['get', 'jobs', '-l', 'app=ci-fixer-sandbox', '-n', world.namespace, '-o', 'name']);
  return names
    .split('\n')
    .filter(Boolean)
    .map((name) => name.replace('job.batch/', ''));
};

test('Job is created with ttlSecondsAfterFinished: 300', async () => {
  const sandbox = documented();
  await sandbox.init();
  const { spec, metadata } = await seen(world, 'job', sandbox.getId());
  expect(spec).toMatchObject({ ttlSecondsAfterFinished: 300, backoffLimit: 0, activeDeadlineSeconds: 660 });
  expect(metadata.labels).toMatchObject({ app: 'ci-fixer-sandbox', 'job-id': sandbox.getId() });
  await sandbox.teardown();
});

test('Pod is spawned and runs to completion', async () => {
  const sandbox = await world.create();
  await vi.waitFor(async () => expect((await podOf(world, sandbox.id)).status.phase).toBe('Running'), patience);
  await sandbox.extend(1_000);
  const complete = async () => {
    const { status } = await seen(world, 'job', sandbox.id);
    return status.conditions?.some((one) => one.type === 'Complete' && one.status === 'True');
  };
  await vi.waitFor(async () => expect(await complete()).toBe(true), patience);
  expect((await podOf(world, sandbox.id)).status.phase).toBe('Succeeded');
  await expect(sandbox.commands.run(['true'])).rejects.toMatchObject({ code: 'sandbox.expired' });
  await sandbox.kill();
});

test('Pod is automatically deleted after 5 minutes', async () => {
  // The cluster counts the 300 seconds of the first test; here it counts one.
  const sandbox = await world.create({ on: world.host({ ttlSecondsAfterFinished: 1 }) });
  await vi.waitFor(async () => expect((await podOf(world, sandbox.id)).status.phase).toBe('Running'), patience);
  await sandbox.extend(1_000);
  await world.empty();
  await expect(sandbox.commands.run(['true'])).rejects.toMatchObject({ code: 'sandbox.expired' });
  await sandbox.disconnect();
});

test('Job is deleted when sandbox.teardown() is called', async () => {
  const sandbox = documented();
  await sandbox.init();
  expect(await jobIds()).toContain(sandbox.getId());
  await sandbox.teardown();
  expect(await jobIds()).toEqual([]);
  expect(await world.left()).toEqual([]);
});

test('KubernetesSandbox runs shell lines and keeps both outputs and the exit code apart', async () => {
  const sandbox = documented();
  await sandbox.init();
  await sandbox.init();
  expect(await sandbox.runCommand('echo "Hello from K8s sandbox!"')).toEqual({
    stdout: 'Hello from K8s sandbox!\n',
    stderr: '',
    exitCode: 0,
  });
  expect(await sandbox.exec('echo out; echo err >&2; exit 7')).toEqual({
    stdout: 'out\n',
    stderr: 'err\n',
    exitCode: 7,
  });
  sandbox.envOverrides['GREETING'] = 'hello; $(id)';
  expect(await sandbox.exec('pwd; echo "$GREETING"')).toMatchObject({ stdout: '/workspace\nhello; $(id)\n' });
  expect([sandbox.getWorkDir(), sandbox.getLocalPath()]).toEqual(['/workspace', '/workspace']);
  await sandbox.teardown();
});

test('KubernetesSandbox kills what takes too long, with all its children, and says 124', async () => {
  const sandbox = documented();
  await sandbox.init();
  const result = await sandbox.runCommand('sleep 987 & sleep 987', { timeout: 500 });
  expect(result).toMatchObject({ exitCode: 124, timedOut: true });
  expect((await sandbox.runCommand('ps')).stdout).not.toContain('987');
  await sandbox.teardown();
});

test('KubernetesSandbox writes, reads and lists files byte for byte, and throws for one that is not there', async () => {
  const sandbox = documented();
  await sandbox.init();
  await sandbox.writeFile('a/b.txt', "it's\n$(id) `id` EOF\nno end");
  await sandbox.writeFile('-rf', 'x');
  expect(await sandbox.readFile('a/b.txt')).toBe("it's\n$(id) `id` EOF\nno end");
  expect(await sandbox.listFiles()).toEqual(
    new Map([
      ['-rf', 'x'],
      ['a/b.txt', "it's\n$(id) `id` EOF\nno end"],
    ]),
  );
  expect(await sandbox.listFiles('a')).toEqual(new Map([['b.txt', "it's\n$(id) `id` EOF\nno end"]]));
  await expect(sandbox.readFile('none')).rejects.toMatchObject({ code: 'sandbox.file' });
  await sandbox.teardown();
});

test('KubernetesSandbox never makes believe: without init, and after teardown, it throws', async () => {
  const sandbox = documented();
  await expect(sandbox.runCommand('true')).rejects.toMatchObject({ code: 'sandbox.not_started' });
  await sandbox.init();
  await sandbox.teardown();
  await expect(sandbox.runCommand('true')).rejects.toMatchObject({ code: 'sandbox.not_started' });
  const broken = new KubernetesSandbox('no-such-image:1', world.namespace, {
    ...small,
    on: world.host({ graces: { imagePullMs: 0, imagePullAttempts: 1 } }),
  });
  await expect(broken.init()).rejects.toMatchObject({ code: 'sandbox.start_failed' });
  await expect(broken.runCommand('true')).rejects.toMatchObject({ code: 'sandbox.not_started' });
  await world.empty();
});

test('teardown works before, during and after init, and again', async () => {
  const { image, ...rest } = small;
  const on = world.host();
  // No node takes this one, so its init is under way for as long as that takes.
  const waiting = new KubernetesSandbox(image, world.namespace, { ...rest, on, nodeSelector: { nowhere: 'x' } });
  await waiting.teardown();
  const outcome = waiting.init().catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await jobIds()).toHaveLength(1), patience);
  await waiting.teardown();
  expect(await outcome).toMatchObject({ code: 'sandbox.start_failed', details: { diagnosis: 'torn_down' } });
  expect(await world.left()).toEqual([]);
  const sandbox = documented();
  await sandbox.init();
  await Promise.all([sandbox.teardown(), sandbox.teardown()]);
  await sandbox.teardown();
  expect(await world.left()).toEqual([]);
});

test('await using ends a sandbox with all that it has; disconnect leaves it running', async () => {
  let id: string;
  {
    await using sandbox = await world.create();
    id = sandbox.id;
    expect(await world.left()).toEqual(
      expect.arrayContaining([`job.batch/${id}`, `configmap/${id}-runner`, `networkpolicy.networking.k8s.io/${id}`]),
    );
  }
  expect(await world.left()).toEqual([]);
  const left = await world.create();
  await left.disconnect();
  const again = await Sandbox.connect(left.id, { on: world.host() });
  expect(await again.commands.run(['echo', 'here'])).toMatchObject({ exitCode: 0, stdout: 'here\n' });
  await Promise.all([again.kill(), again.kill()]);
  await again.kill();
  expect(await world.left()).toEqual([]);
});

test('another process finds a sandbox and its running command by their ids', async () => {
  await using sandbox = await world.create();
  const command = await sandbox.commands.start(['sh', '-c', 'echo began; read line; echo "got $line"; exit 3'], {
    stdin: true,
  });
  await sandbox.disconnect();
  const script = fileURLToPath(new URL('other-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, world.namespace, sandbox.id, command.id], {
    timeout: 60_000,
  });
  expect(JSON.parse(stdout)).toEqual({ exitCode: 3, stdout: 'began\ngot something\n' });
});

test('a sandbox is not found where there is none, and not given to those whose it is not', async () => {
  const mine = world.host();
  const server = world.host({ instance: 'a1', owner: 'alice' });
  const other = world.host({ instance: 'a1', owner: 'bob' });
  for (const id of ['sandbox-0123456789', 'nonsense', '../..']) {
    await expect(Sandbox.connect(id, { on: mine })).rejects.toMatchObject({ code: 'sandbox.not_found' });
  }
  await using sandbox = await world.create();
  await using served = await world.create({ on: server });
  await expect(Sandbox.connect(sandbox.id, { on: server })).rejects.toMatchObject({ code: 'sandbox.not_yours' });
  await expect(Sandbox.connect(served.id, { on: mine })).rejects.toMatchObject({ code: 'sandbox.not_yours' });
  await expect(Sandbox.connect(served.id, { on: other })).rejects.toMatchObject({ code: 'sandbox.not_yours' });
  const listed = async (on: ReturnType<World['host']>) => (await Sandbox.list({ on })).map(({ id }) => id);
  expect(await Promise.all([listed(mine), listed(server), listed(other)])).toEqual([[sandbox.id], [served.id], []]);
});

test('a list says what each sandbox is, as it was made', async () => {
  await using sandbox = await world.create({ metadata: { branch: 'main' }, idleTimeoutMs: 60_000 });
  const [info, ...others] = await Sandbox.list({ on: world.host() });
  expect(others).toEqual([]);
  expect(info).toMatchObject({
    id: sandbox.id,
    image: 'busybox:1',
    namespace: world.namespace,
    metadata: { branch: 'main' },
    idleTimeoutMs: 60_000,
  });
  const lifeMs = ms(info?.expiresAt ?? '') - ms(info?.createdAt ?? '');
  expect(Math.abs(lifeMs - 600_000)).toBeLessThan(3_000);
  await vi.waitFor(async () => expect((await sandbox.info()).state).toBe('running'), patience);
});

test('however many ask for a name at once, they get one sandbox; when it has ended, a new one', async () => {
  const options = { ...small, on: world.host() };
  const ask = () => Sandbox.getOrCreate('build', options);
  const [first, ...others] = await Promise.all([ask(), ask(), ask()]);
  expect(others.map(({ id }) => id)).toEqual([first?.id, first?.id]);
  expect(await jobIds()).toEqual([first?.id]);
  await first?.files.write('mark', 'x');
  const later = await ask();
  expect(await later.files.readText('mark')).toBe('x');
  await expect(world.create({ name: 'build' })).rejects.toMatchObject({ code: 'sandbox.name_taken' });
  expect(await later.files.readText('mark')).toBe('x');

  await later.extend(1_000);
  await vi.waitFor(
    () => expect(later.commands.run(['true'])).rejects.toMatchObject({ code: 'sandbox.expired' }),
    patience,
  );
  const next = await ask();
  await expect(next.files.readText('mark')).rejects.toMatchObject({ code: 'sandbox.file' });
  // The old handle does not take the new sandbox for its own.
  await expect(later.commands.run(['true'])).rejects.toMatchObject({ code: expect.stringMatching(/gone|expired/) });
  await next.kill();
  expect(await world.left()).toEqual([]);
});

test('extend moves the end of the Job and of the runner', async () => {
  await using sandbox = await world.create();
  await sandbox.extend(8_000);
  const { expiresAt } = await sandbox.extend(3_600_000);
  expect(Math.abs(ms(expiresAt) - Date.now() - 3_600_000)).toBeLessThan(5_000);
  const { spec } = await seen(world, 'job', sandbox.id);
  expect(spec['activeDeadlineSeconds']).toBeGreaterThan(3_600);
  // Past the end that it had before.
  expect(await sandbox.commands.run(['sleep', '9'])).toMatchObject({ exitCode: 0 });
  await expect(sandbox.extend(0)).rejects.toMatchObject({ code: 'sandbox.invalid' });
});

test('a sandbox that nobody uses for its idle time ends by itself', async () => {
  const sandbox = await world.create({ idleTimeoutMs: 1_000 });
  await sandbox.disconnect();
  const phase = async () => (await podOf(world, sandbox.id)).status.phase;
  await vi.waitFor(async () => expect(await phase()).toBe('Succeeded'), patience);
  const found = await Sandbox.connect(sandbox.id, { on: world.host() });
  await expect(found.commands.run(['true'])).rejects.toMatchObject({ code: 'sandbox.expired' });
  await found.kill();
});

test('metrics tell what a sandbox uses and may use', async () => {
  await using sandbox = await world.create();
  expect(await sandbox.metrics()).toMatchObject({ memoryLimitBytes: 64 * 1024 ** 2, commandsRunning: 0 });
});
