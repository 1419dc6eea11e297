import type { GitHub } from '@ephemera/github';
import { expect } from 'vitest';
import { test as base } from '../../test/with-github.ts';
import { claimFor } from '../../test/claim.ts';
import { deliver, githubOf, observeAll, silent } from '../../test/observing.ts';
import { destroyByHand } from '../environment/command.ts';
import { refreshRepository } from '../repository/refresh.ts';
import { generations } from '../store/environments.ts';
import { repositoryById } from '../store/repositories.ts';
import { enqueue } from '../store/work.ts';

interface Fixture {
  github: GitHub;
}

const test = base.extend<Fixture>({
  github: async ({ fake }, use) => {
    await use(githubOf(fake));
  },
});

let deliveries = 0;
const nextId = () => `delivery-${(deliveries += 1)}`;

test('what was removed by hand stays away through edits, and comes back with a push, or when it is closed and reopened', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const send = async (action: string) => {
    await deliver(db, fake, pull, { action, repositoryId: shop.id, id: nextId() });
    await observeAll(db, github);
    return (await generations(db, shop.id, pull.number)).map(({ wantedState, held }) => (held ? 'held' : wantedState));
  };
  expect(await send('opened')).toEqual(['open']);
  const destroyNewest = async () => destroyByHand(db, (await generations(db, shop.id, pull.number))[0]?.id ?? 0);
  await destroyNewest();
  await pull.edit({ title: 'new' });
  expect(await send('edited')).toEqual(['held']);
  expect(await send('labeled')).toEqual(['held']);

  await pull.push({ a: '1' });
  expect((await send('synchronize'))[0]).toBe('open');

  await destroyNewest();
  expect((await send('labeled'))[0]).toBe('held');
  await pull.close();
  expect((await send('closed'))[0]).toBe('closed');
  await pull.reopen();
  expect((await send('reopened'))[0]).toBe('open');
  expect(await generations(db, shop.id, pull.number)).toHaveLength(3);
});

test('that its pull request was closed ends a hold also where only a look finds it', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await deliver(db, fake, pull, { action: 'opened', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  await destroyByHand(db, (await generations(db, shop.id, 1))[0]?.id ?? 0);
  await pull.close();
  await deliver(db, fake, pull, { action: 'labeled', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  expect(await generations(db, shop.id, 1)).toMatchObject([{ held: false, wantedState: 'closed' }]);
});

test('two repositories with one name, in two accounts or one after the other, never share an environment', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const other = await fake.repository({ owner: 'umbrella', name: 'shop' });
  for (const repository of [shop, other]) {
    const pull = await repository.open({ head: 'feat/cart' });
    await deliver(db, fake, pull, { action: 'opened', repositoryId: repository.id, id: nextId() });
  }
  await observeAll(db, github);
  const [first] = await generations(db, shop.id, 1);
  const [second] = await generations(db, other.id, 1);
  expect([first?.repositoryFullName, second?.repositoryFullName]).toEqual(['acme/shop', 'umbrella/shop']);
  expect(first?.namespace).not.toBe(second?.namespace);
  expect(first?.host).not.toBe(second?.host);
});

test('where another repository has taken the name, the right one is found by its id and looked at again', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await deliver(db, fake, pull, { action: 'opened', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  const [row] = await generations(db, shop.id, 1);
  await db.deleteFrom('work').execute();
  await shop.rename('store');
  const taker = await fake.repository({ owner: 'acme', name: 'shop' });
  const stranger = await taker.open({ head: 'feat/cart' });

  // A late event with the old name, which now leads to the other repository's pull request of the same number.
  await deliver(db, fake, stranger, { action: 'labeled', repositoryId: shop.id, id: nextId() });
  await expect(observeAll(db, github)).rejects.toMatchObject({
    code: 'pull_request.other_repository',
    retryable: false,
  });
  expect(await generations(db, shop.id, 1)).toMatchObject([
    { id: row?.id, wantedState: 'open', prTitle: row?.prTitle },
  ]);

  using claim = await claimFor(db, { kind: 'repository', key: String(shop.id) });
  await refreshRepository({ db, github, log: silent })(claim);
  expect(await repositoryById(db, shop.id)).toMatchObject({ fullName: 'acme/store', missingSince: null });
  expect(await generations(db, shop.id, 1)).toMatchObject([
    { repositoryFullName: 'acme/store', repositoryName: 'store' },
  ]);
});

test('a repository that GitHub does not show begins its grace and loses nothing', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await deliver(db, fake, pull, { action: 'opened', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  await deliver(db, fake, pull, { action: 'labeled', repositoryId: shop.id, id: nextId() });
  await shop.remove();
  await expect(observeAll(db, github)).rejects.toMatchObject({ code: 'github.not_found' });
  await db.deleteFrom('work').where('kind', '!=', 'repository').execute();
  using claim = await claimFor(db, { kind: 'repository', key: String(shop.id) });
  await refreshRepository({ db, github, log: silent })(claim);
  expect((await repositoryById(db, shop.id))?.missingSince).not.toBeNull();
  expect(await generations(db, shop.id, 1)).toMatchObject([{ wantedState: 'open' }]);
});

test('a pull request that is 404 counts as closed only when its repository is there and lists its open ones without it', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const look = async () => {
    await deliver(db, fake, pull, { action: 'labeled', repositoryId: shop.id, id: nextId() });
    await observeAll(db, github);
  };
  await look();
  const hidden = { match: { method: 'GET', path: '/repos/acme/shop/pulls/1' }, fault: { status: 404 } } as const;
  fake.faults([hidden]);
  await expect(look()).rejects.toMatchObject({ code: 'github.not_found' });
  expect(await generations(db, shop.id, 1)).toMatchObject([{ wantedState: 'open' }]);

  const list = { method: 'GET', path: '/repos/acme/shop/pulls' } as const;
  fake.faults([hidden, { match: list, fault: { status: 500 } }]);
  await expect(look()).rejects.toMatchObject({ code: 'github.unavailable' });
  expect(await generations(db, shop.id, 1)).toMatchObject([{ wantedState: 'open' }]);

  fake.faults([hidden, { match: list, fault: { status: 200, body: [] } }]);
  await look();
  expect(await generations(db, shop.id, 1)).toMatchObject([{ wantedState: 'closed', reason: 'pull_request.gone' }]);

  fake.clearFaults();
  await look();
  expect(await generations(db, shop.id, 1)).toMatchObject([{ wantedState: 'open', generation: 2 }, { generation: 1 }]);
});

test('an event that asks in the old place of a repository is looked at in the new one, also when the row knows that already', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await deliver(db, fake, pull, { action: 'opened', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  const known = await repositoryById(db, shop.id);
  const installationId = known?.installationId ?? 0;
  const key = `${shop.id}/${pull.number}`;
  // Parked: another repository has the name that the event told of.
  await db.deleteFrom('work').execute();
  const hint = { installationId, repositoryFullName: 'acme/old-name' };
  await enqueue(db, { kind: 'pull-request', key, hint });
  await db.updateTable('work').set({ parkedAt: new Date() }).execute();
  const refresh = async () => {
    await enqueue(db, { kind: 'repository', key: String(shop.id), hint });
    using claim = await claimFor(db, { kind: 'repository', key: String(shop.id) });
    await refreshRepository({ db, github, log: silent })(claim);
    await db.deleteFrom('work').where('kind', '=', 'repository').execute();
  };
  await refresh();
  const waiting = async () =>
    db.selectFrom('work').select(['hint', 'parkedAt', 'wanted']).where('kind', '=', 'pull-request').execute();
  expect(await waiting()).toMatchObject([
    { hint: { installationId, repositoryFullName: 'acme/shop' }, parkedAt: null, wanted: 2 },
  ]);
  // It asks in the right place now, so what fails there is not tried for ever.
  await db.updateTable('work').set({ parkedAt: new Date() }).execute();
  await refresh();
  expect((await waiting())[0]).toMatchObject({ wanted: 2 });
});

test('a repository that has moved is told what GitHub did not hear under its old name', async ({
  db,
  fake,
  github,
  shop,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await deliver(db, fake, pull, { action: 'opened', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  const gone = { wantedState: 'closed', status: 'destroyed', repositoryFullName: 'acme/old-name' } as const;
  await db.updateTable('environments').set(gone).execute();
  await db.updateTable('repositories').set({ fullName: 'acme/old-name' }).execute();
  await db.deleteFrom('work').execute();
  await enqueue(db, { kind: 'repository', key: String(shop.id) });
  using claim = await claimFor(db, { kind: 'repository', key: String(shop.id) });
  await refreshRepository({ db, github, log: silent })(claim);
  const reports = await db.selectFrom('work').select('key').where('kind', '=', 'report').execute();
  expect(reports).toEqual([{ key: `${shop.id}/${pull.number}` }]);
  // And it is told in the place where it is now.
  expect(await generations(db, shop.id, 1)).toMatchObject([{ repositoryFullName: 'acme/shop' }]);
});

test('a hold ends also when GitHub shows the pull request no more', async ({ db, fake, github, shop }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await deliver(db, fake, pull, { action: 'opened', repositoryId: shop.id, id: nextId() });
  await observeAll(db, github);
  await destroyByHand(db, (await generations(db, shop.id, 1))[0]?.id ?? 0);
  fake.faults([
    { match: { method: 'GET', path: '/repos/acme/shop/pulls/1' }, fault: { status: 404 } },
    { match: { method: 'GET', path: '/repos/acme/shop/pulls' }, fault: { status: 200, body: [] } },
  ]);
  await deliver(db, fake, pull, { action: 'labeled', repositoryId: shop.id, id: nextId() });
  await expect(observeAll(db, github)).rejects.toMatchObject({ code: 'github.not_found' });
  expect(await generations(db, shop.id, 1)).toMatchObject([{ held: false }]);
});
