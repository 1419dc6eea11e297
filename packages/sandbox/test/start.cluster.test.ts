import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SandboxOptions, SandboxStage } from '../src/index.ts';
import { patience, small, startWorld, type World } from './world.ts';

/** What may heal by itself gets no time here. */
const hasty = {
  graces: { imagePullMs: 0, imagePullAttempts: 1, unschedulableMs: 500, volumeMs: 20_000, noPodMs: 2_000 },
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ 'pod-security.kubernetes.io/enforce': 'restricted' });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('a start tells its stages in their order, and how long each took', async () => {
  const stages: SandboxStage[] = [];
  await using sandbox = await world.create({ onStage: (stage) => stages.push(stage) });
  expect(stages.map(({ stage }) => stage)).toEqual(['created', 'scheduled', 'started', 'connected']);
  expect(stages.map(({ ms }) => ms)).toEqual(stages.map(({ ms }) => ms).toSorted((a, b) => a - b));
  expect(await sandbox.commands.run(['echo', 'works'])).toMatchObject({ exitCode: 0, stdout: 'works\n' });
});

test.each<[string, string, SandboxOptions, RegExp]>([
  ['an image whose name is none', 'pod.image_name', { image: 'Not/A/Name:1' }, /Not\/A\/Name/],
  ['an image that nobody has', 'pod.image_pull', { image: 'no-such-image:1' }, /no-such-image/],
  ['an account that is not there', 'pod.account', { serviceAccountName: 'nobody' }, /nobody/],
  ['what the rules of the namespace forbid', 'pod.admission', { user: 0 }, /restricted/],
  ['a runtime class that is not there', 'pod.admission', { runtimeClassName: 'no-such-class' }, /no-such-class/],
  ['a node that is not there', 'pod.unschedulable', { nodeSelector: { nowhere: 'x' } }, /selector/],
  [
    'more than any node has',
    'pod.unschedulable',
    { resources: { limits: { cpu: '999' }, requests: { cpu: '999' } } },
    /cpu/i,
  ],
])('%s is refused as %s, and nothing is left', async (_, diagnosis, options, words) => {
  await expect(world.create({ on: world.host(hasty), ...options })).rejects.toMatchObject({
    code: 'sandbox.start_failed',
    message: expect.stringMatching(words),
    hint: expect.stringMatching(/\w/),
    details: { diagnosis },
  });
  expect(await world.left()).toEqual([]);
});

test('too little memory to start in is a typed error, and nothing is left', async () => {
  const resources = { limits: { memory: '1Mi' } };
  const failed = world.create({ on: world.host(hasty), resources, startTimeoutMs: 30_000 });
  await expect(failed).rejects.toMatchObject({ code: 'sandbox.start_failed' });
  expect(await world.left()).toEqual([]);
});

test('a namespace that is not there is named', async () => {
  await expect(world.create({ on: world.host({ namespace: 'no-such-namespace' }) })).rejects.toMatchObject({
    code: 'kube.not_found',
    message: 'Namespace no-such-namespace does not exist.',
  });
});

test('a processor that there is no runner for is refused before anything is made', async () => {
  await expect(world.create({ arch: process.arch === 'arm64' ? 'amd64' : 'arm64' })).rejects.toMatchObject({
    code: 'sandbox.runner_missing',
  });
  expect(await world.left()).toEqual([]);
});

test('a start that takes too long says how far it came, and nothing is left', async () => {
  await expect(world.create({ nodeSelector: { nowhere: 'x' }, startTimeoutMs: 3_000 })).rejects.toMatchObject({
    code: 'sandbox.start_timeout',
    retryable: true,
    message: expect.stringMatching(/within 3000 ms: .*selector/),
  });
  expect(await world.left()).toEqual([]);
});

test.each(['created', 'scheduled', 'started'] as const)(
  'a start that is given up when it is %s leaves nothing',
  async (at) => {
    const scope = new AbortController();
    const reason = new Error('changed my mind');
    const made = world.create({
      signal: scope.signal,
      onStage: ({ stage }) => {
        if (stage === at) scope.abort(reason);
      },
    });
    await expect(made).rejects.toBe(reason);
    expect(await world.left()).toEqual([]);
  },
);

test('a start that is given up before it begins makes nothing', async () => {
  await expect(world.create({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  expect(await world.left()).toEqual([]);
});

test('a sandbox whose Job is removed while it starts is gone', async () => {
  const outcome = world.create({ nodeSelector: { nowhere: 'x' } }).catch((error: unknown) => error);
  await vi.waitFor(async () => expect((await world.left()).join()).toContain('pod/'), patience);
  await kubectl(['delete', 'jobs', '-l', 'app=ci-fixer-sandbox', '-n', world.namespace]);
  expect(await outcome).toMatchObject({ code: 'sandbox.gone' });
  await world.empty();
});

test.each([
  ['pods', 'sandbox.start_failed', 'pods'],
  ['count/jobs.batch', 'kube.quota_exceeded', 'jobs'],
  ['count/configmaps', 'kube.quota_exceeded', 'configmaps'],
])('a quota without room for %s is said at once, and nothing is left', async (resource, code, words) => {
  await using crowded = await startWorld();
  const metadata = { name: 'none', namespace: crowded.namespace };
  const used = resource === 'count/configmaps' ? '1' : '0';
  await crowded.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { [resource]: used } } });
  const counted = async () => {
    return kubectl(['get', 'resourcequota', 'none', '-n', crowded.namespace, '-o', 'jsonpath={.status.used}']);
  };
  await vi.waitFor(async () => expect(await counted()).toContain(resource), patience);
  await expect(crowded.create()).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  expect(await crowded.left()).toEqual([]);
});

test('fifty sandboxes start at once, and each is its own', async () => {
  const sandboxes = await Promise.all(
    Array.from({ length: 50 }, () => world.create({ ...small, startTimeoutMs: 600_000 })),
  );
  expect(new Set(sandboxes.map(({ id }) => id)).size).toBe(50);
  const said = await Promise.all(sandboxes.map(({ id, commands }) => commands.run(['echo', id])));
  expect(said.map(({ stdout }) => stdout)).toEqual(sandboxes.map(({ id }) => `${id}\n`));
  await Promise.all(sandboxes.map((sandbox) => sandbox.kill()));
  expect(await world.left()).toEqual([]);
}, 600_000);
