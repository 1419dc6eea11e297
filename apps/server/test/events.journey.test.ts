import { kubectlJson } from '@ephemera/local-cluster/kubectl';
import { expect, test } from 'vitest';
import { found, sweepNow } from './sweep-now.ts';
import { soon, startWorld } from './world.ts';

interface Event {
  readonly kind: string;
  readonly name: string;
}

test('case 3: twenty copies of one signed delivery at once make one environment, one deployment and one comment', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const [delivery] = pull.view().deliveries;
  await Promise.all(Array.from({ length: 20 }, () => world.github.redeliver(delivery?.id ?? '')));
  await world.untilTold(pull, 'success: The environment is ready');

  const environments = await world.environments();
  expect(environments).toHaveLength(1);
  const at = `/api/v1/environments/${environments[0]?.id}`;
  expect(await world.api(`${at}/deployments`)).toHaveLength(1);
  const events = await world.api<Event[]>(`${at}/events`);
  expect(events.filter(({ kind }) => kind === 'status').map(({ name }) => name)).toEqual([
    'pending',
    'provisioning',
    'ready',
  ]);
  await soon(async () => expect(pull.comments()[0]?.body).toContain('Environment is ready'));
  expect(pull.comments()).toHaveLength(1);
});

test('a renamed repository keeps its environments: the next push and the close find them under the new name', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { id, namespace } = await world.until('ready');
  await world.untilTold(pull, 'success: The environment is ready');

  await world.repository.rename('store');
  await soon(async () => expect(await world.environments()).toMatchObject([{ repository_full_name: 'acme/store' }]));
  await soon(async () => {
    const { metadata } = await kubectlJson<{ metadata: { labels: Record<string, string> } }>(
      'get',
      'namespace',
      namespace,
    );
    expect(metadata.labels['repository']).toBe('store');
  });
  await pull.push({ 'cart.js': '2' });
  await world.untilTold(pull, 'success: The environment is ready');
  expect(await world.environments()).toMatchObject([{ id, commit_sha: pull.sha(), generation: 1 }]);
  expect(pull.comments()).toHaveLength(1);

  await pull.close();
  await world.until('destroyed');
  await world.untilTold(pull, 'success: Removed');
});

test('a rename that no event told of is found by the sweep, also when another repository takes the old name', async () => {
  await using world = await startWorld({ settings: { SWEEP_EVERY_SECONDS: '86400' } });
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { id } = await world.until('ready');
  world.github.faults([{ match: { event: 'repository' }, fault: { drop: true } }]);
  await world.repository.rename('store');
  const other = await world.addRepository('shop');
  const stranger = await other.open({ head: 'feat/cart' });
  await world.untilTold(stranger, 'success: The environment is ready');

  expect(found(await sweepNow(world))).toContain('missed_move acme/store enqueued');
  await soon(async () => {
    const names = (await world.environments()).map((shown) => Reflect.get(shown, 'repository_full_name') as unknown);
    expect(names).toEqual(['acme/shop', 'acme/store']);
  });
  const [first, second] = await world.environments();
  expect(first?.namespace).not.toBe(second?.namespace);
  expect(second).toMatchObject({ id, status: 'ready' });

  await pull.close();
  await soon(async () =>
    expect((await world.environments()).map(({ status }) => status)).toEqual(['ready', 'destroyed']),
  );
  world.github.clearFaults();
});

test('a repository that moves to another owner takes its environments along', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { id } = await world.until('ready');
  await world.untilTold(pull, 'success: The environment is ready');

  await world.repository.transfer('umbrella');
  await soon(async () => expect(await world.environments()).toMatchObject([{ repository_full_name: 'umbrella/shop' }]));
  await pull.push({ 'cart.js': '2' });
  await world.untilTold(pull, 'success: The environment is ready');
  expect(await world.environments()).toMatchObject([{ id, commit_sha: pull.sha(), generation: 1 }]);
});

test('the environments of a deleted repository are removed after a grace, not before', async () => {
  await using world = await startWorld({ settings: { SWEEP_EVERY_SECONDS: '86400', SWEEP_GRACE_SECONDS: '5' } });
  await world.repository.open({ head: 'feat/cart' });
  await world.until('ready');
  await world.repository.remove();

  expect(found(await sweepNow(world))).toEqual(['missing_repository acme/shop reported']);
  expect(await world.environments()).toMatchObject([{ status: 'ready' }]);
  await soon(async () => expect(found(await sweepNow(world))).toEqual(['gone_repository acme/shop#1 removed']));
  await world.until('destroyed');
  expect(await world.environments()).toMatchObject([{ reason: 'repository.gone' }]);
});

test('when the App is uninstalled its environments go, and GitHub is asked for nothing any more', async () => {
  await using world = await startWorld();
  const pull = await world.repository.open({ head: 'feat/cart' });
  await world.until('ready');
  await world.untilTold(pull, 'success: The environment is ready');
  const { statuses } = pull.view();

  await world.github.installation('acme').remove();
  await world.until('destroyed');
  expect(await world.environments()).toMatchObject([{ reason: 'installation.removed' }]);
  expect(await world.server.leftovers()).toEqual([]);
  expect(pull.view().statuses).toEqual(statuses);
});

test('while the installation is suspended environments stay; afterwards they become what GitHub shows', async () => {
  await using world = await startWorld({ settings: { SWEEP_EVERY_SECONDS: '86400' } });
  const [kept, closed] = [await world.repository.open({ head: 'one' }), await world.repository.open({ head: 'two' })];
  for (const pull of [kept, closed]) await world.untilTold(pull, 'success: The environment is ready');

  await world.github.installation('acme').suspend();
  await kept.push({ 'cart.js': '2' });
  await closed.close();
  const sweep = await sweepNow(world);
  expect(found(sweep)).toEqual([]);
  expect(sweep.complete).toBe(true);
  expect((await world.environments()).map(({ status }) => status)).toEqual(['ready', 'ready']);

  await world.github.installation('acme').unsuspend();
  await world.untilTold(kept, 'success: The environment is ready');
  await world.untilTold(closed, 'success: Removed');
  const shown = (await world.environments()).map(({ commit_sha: sha, status }) => `${sha} ${status}`);
  expect(shown.toSorted()).toEqual([`${kept.sha()} ready`, `${closed.sha()} destroyed`].toSorted());
});

test('destroyed by hand, an environment stays away until something is pushed', async () => {
  await using world = await startWorld({ settings: { SWEEP_EVERY_SECONDS: '86400' } });
  const pull = await world.repository.open({ head: 'feat/cart' });
  const { id } = await world.until('ready');
  await world.api(`/api/v1/environments/${id}`, 'DELETE');
  await world.until('destroyed');
  expect(await world.environments()).toMatchObject([{ reason: 'environment.held' }]);

  await pull.edit({ title: 'Add a cart, at last' });
  expect(found(await sweepNow(world))).toEqual([]);
  expect(await world.environments()).toHaveLength(1);

  await pull.push({ 'cart.js': '2' });
  await world.untilTold(pull, 'success: The environment is ready');
  expect(await world.environments()).toMatchObject([
    { generation: 2, status: 'ready' },
    { id, status: 'destroyed' },
  ]);
});
