import { createObject, kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { expect, test } from 'vitest';
import { found, sweepNow } from './sweep-now.ts';
import { soon, startWorld, type World } from './world.ts';

/** The sweep that comes by itself stays away, so that what a test asks for is what it gets. */
const onlyAsked = { SWEEP_EVERY_SECONDS: '86400' };
const dropped = (event: string) => ({ match: { event }, fault: { drop: true } }) as const;

/** The regular pass at the start is over. */
async function startQuiet(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = await startWorld({ settings: { ...onlyAsked, ...settings } });
  await soon(async () => {
    const [first] = await world.api<{ state: string }[]>('/api/v1/sweeps');
    expect(first?.state).toBe('done');
  });
  return world;
}

test('a pull request whose opened and synchronize were lost is found by the sweep, each time', async () => {
  await using world = await startQuiet();
  world.github.faults([dropped('pull_request')]);
  const pull = await world.repository.open({ head: 'feat/cart' });
  const sweep = await sweepNow(world);
  expect(found(sweep)).toEqual(['missed_open acme/shop#1 enqueued']);
  expect(sweep).toMatchObject({ complete: true, capped: false });
  await world.until('ready');

  await pull.push({ 'cart.js': '2' });
  expect(found(await sweepNow(world))).toEqual(['missed_push acme/shop#1 enqueued']);
  await world.untilTold(pull, 'success: The environment is ready');
  expect(await world.environments()).toMatchObject([{ commit_sha: pull.sha(), generation: 1 }]);

  expect(found(await sweepNow(world))).toEqual([]);
  expect(pull.comments()).toHaveLength(1);
  world.github.clearFaults();
});

test('case 7: GitHub drops every closed; the sweep that comes by itself finds them, and nothing is left', async () => {
  await using world = await startWorld({ settings: { SWEEP_EVERY_SECONDS: '1' } });
  const pulls = [await world.repository.open({ head: 'one' }), await world.repository.open({ head: 'two' })];
  for (const pull of pulls) await world.untilTold(pull, 'success: The environment is ready');

  world.github.faults([dropped('pull_request.closed')]);
  for (const pull of pulls) await pull.close();
  await soon(async () =>
    expect((await world.environments()).map(({ status }) => status)).toEqual(['destroyed', 'destroyed']),
  );
  expect(await world.server.leftovers()).toEqual([]);
  for (const pull of pulls) await world.untilTold(pull, 'success: Removed');
});

test('case 11: a list of pull requests that is an error, no list at all, or wrongly empty removes nothing, and a sweep says so', async () => {
  await using world = await startQuiet();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { id } = await world.until('ready');
  const match = { method: 'GET', path: '/repos/*/*/pulls' } as const;

  world.github.faults([{ match, fault: { status: 500 } }]);
  const failing = await sweepNow(world);
  expect(found(failing)).toEqual(['unreadable acme/shop reported']);
  expect(failing.complete).toBe(false);

  world.github.faults([{ match, fault: { status: 200, body: { message: 'soon' } } }]);
  expect(found(await sweepNow(world))).toEqual(['unreadable acme/shop reported']);

  world.github.faults([{ match, fault: { status: 200, body: [], headers: { etag: 'W/"wrong"' } } }]);
  expect(found(await sweepNow(world))).toEqual(['missed_close acme/shop#1 enqueued']);
  world.github.clearFaults();
  // The look at the pull request itself comes after what a push asks for, or is it.
  await pull.push({ 'cart.js': '2' });
  await world.untilTold(pull, 'success: The environment is ready');
  expect(await world.environments()).toMatchObject([{ id, status: 'ready', generation: 1 }]);
});

test('what somebody edited or deleted in an environment is set back, and its timeline says so', async () => {
  await using world = await startQuiet();
  await world.repository.open({ head: 'feat/cart' });
  const { id, namespace } = await world.until('ready');
  const inside = ['-n', namespace];
  await kubectl([
    'patch',
    'resourcequota',
    'environment',
    ...inside,
    '--type=merge',
    '-p',
    '{"spec":{"hard":{"pods":"99"}}}',
  ]);
  await kubectl(['delete', 'networkpolicy', 'environment', ...inside]);
  await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite']);

  // The watch sees the label of the namespace, too, and may have begun to set things right by then.
  const edited = found(await sweepNow(world));
  expect([
    `edited_object Namespace//${namespace} enqueued`,
    `edited_object NetworkPolicy/${namespace}/environment enqueued`,
    `edited_object ResourceQuota/${namespace}/environment enqueued`,
  ]).toEqual(expect.arrayContaining(edited));
  await soon(async () => {
    const notes = (
      await world.api<{ kind: string; name: string; message: string }[]>(`/api/v1/environments/${id}/events`)
    )
      .filter(({ kind }) => kind === 'note')
      .map(({ message }) => message);
    expect(notes.toSorted()).toEqual([
      `Namespace ${namespace} was not as it has to be and is set right.`,
      `NetworkPolicy environment in ${namespace} was missing and is made again.`,
      `ResourceQuota environment in ${namespace} was not as it has to be and is set right.`,
    ]);
  });
  const quota = await kubectlJson<{ spec: { hard: { pods: string } } }>(
    'get',
    'resourcequota',
    'environment',
    ...inside,
  );
  expect(quota.spec.hard.pods).toBe('10');
  await kubectl(['get', 'networkpolicy', 'environment', ...inside]);
  const labelled = await kubectlJson<{ metadata: { labels: Record<string, string> } }>('get', 'namespace', namespace);
  expect(labelled.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('baseline');
  expect(found(await sweepNow(world))).toEqual([]);
});

const namespaceWith = (name: string, labels: Readonly<Record<string, string>>) =>
  createObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

test('a namespace of a destroyed environment that comes back is found and removed; the environment stays destroyed', async () => {
  await using world = await startQuiet();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { id, namespace } = await world.until('ready');
  await pull.close();
  await world.until('destroyed');

  await namespaceWith(namespace, { 'ephemera.dev/instance': world.server.instance });
  expect(found(await sweepNow(world))).toEqual([`orphan_namespace Namespace//${namespace} enqueued`]);
  await soon(async () => expect(await world.server.leftovers()).toEqual([]));
  await expect(kubectl(['get', 'namespace', namespace])).rejects.toThrow(/not found/);
  expect(await world.environments()).toMatchObject([{ id, status: 'destroyed' }]);
});

test('a namespace with our mark that nobody knows is told first, and removed by the pass after that; one of others is untouched', async () => {
  await using world = await startQuiet({ SWEEP_GRACE_SECONDS: '0' });
  const { instance } = world.server;
  const [unknown, foreign] = [`sweep-unknown-${instance}`, `sweep-foreign-${instance}`];
  await namespaceWith(unknown, { 'ephemera.dev/instance': instance });
  await namespaceWith(foreign, { 'ephemera.dev/instance': 'somebody-else', app: 'ephemera' });
  try {
    // The cluster writes its times in whole seconds.
    await soon(async () =>
      expect(found(await sweepNow(world))).toContain(`orphan_namespace Namespace//${unknown} removed`),
    );
    const passes = await world.api<Parameters<typeof found>[0][]>('/api/v1/sweeps');
    expect(passes.flatMap(found)).toContain(`orphan_namespace Namespace//${unknown} reported`);
    await soon(async () => expect(await world.server.leftovers()).toEqual([]));
    await kubectl(['get', 'namespace', foreign]);
  } finally {
    await kubectl(['delete', 'namespace', foreign, '--wait=false']);
  }
});

test('a namespace that somebody else takes over is told, left alone, and keeps no pull request from being closed', async () => {
  await using world = await startQuiet();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { namespace } = await world.until('ready');
  await kubectl(['label', 'namespace', namespace, 'ephemera.dev/instance=somebody-else', '--overwrite']);
  try {
    await soon(async () =>
      expect(await world.environments()).toMatchObject([{ status: 'failed', reason: 'kube.foreign' }]),
    );
    expect(found(await sweepNow(world))).toEqual([`foreign_object Namespace//${namespace} reported`]);
    await pull.close();
    await world.until('destroyed');
    const kept = await kubectlJson<{ metadata: { deletionTimestamp?: string } }>('get', 'namespace', namespace);
    expect(kept.metadata.deletionTimestamp).toBeUndefined();
  } finally {
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  }
});
