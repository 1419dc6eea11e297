import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from './database.ts';
import {
  environmentByHost,
  environmentByNamespace,
  generations,
  latestEnvironment,
  listEnvironments,
  openEnvironment,
  updateEnvironment,
} from './environments.ts';
import { recordNote, recordStatus, recordSteps, statusEventsAfter, timeline } from './events.ts';
import { upsertUser } from './users.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

/** Three generations of one pull request; the last one is open. */
async function threeGenerations(db: Database) {
  const closed = { wantedState: 'closed', status: 'destroyed' } as const;
  const first = await storeEnvironment(db, { ...closed, generation: 1, namespace: 'one' });
  const second = await storeEnvironment(db, { ...closed, status: 'destroying', generation: 2, namespace: 'two' });
  const third = await storeEnvironment(db, { generation: 3, namespace: 'three' });
  return { first, second, third };
}

test('a pull request has at most one open environment', async ({ db }) => {
  await storeEnvironment(db, { generation: 1, namespace: 'one' });
  await expect(storeEnvironment(db, { generation: 2, namespace: 'two' })).rejects.toThrow('environments_one_open');
});

test('a generation exists once, and so does a namespace', async ({ db }) => {
  await storeEnvironment(db, { wantedState: 'closed', namespace: 'one' });
  await expect(storeEnvironment(db, { wantedState: 'closed', namespace: 'two' })).rejects.toThrow('generation');
  await expect(storeEnvironment(db, { prNumber: 13, namespace: 'one' })).rejects.toThrow('namespace');
});

test('a status that is no word of ours is refused by the database itself', async ({ db }) => {
  await expect(storeEnvironment(db, { status: 'odd' as 'ready' })).rejects.toThrow('environments_status_check');
});

test('the open, the newest and all generations of a pull request are found', async ({ db }) => {
  const { second, third } = await threeGenerations(db);
  await storeEnvironment(db, { prNumber: 13, namespace: 'other' });
  expect(await openEnvironment(db, 42, 12)).toEqual(third);
  expect(await latestEnvironment(db, 42, 12)).toEqual(third);
  expect((await generations(db, 42, 12)).map(({ generation }) => generation)).toEqual([3, 2, 1]);
  await updateEnvironment(db, third.id, { wantedState: 'closed' });
  expect(await openEnvironment(db, 42, 12)).toBeUndefined();
  expect(await environmentByNamespace(db, 'two')).toEqual(second);
});

test('a host leads to the newest generation', async ({ db }) => {
  const { third } = await threeGenerations(db);
  expect(await environmentByHost(db, third.host)).toEqual(third);
  expect(await environmentByHost(db, 'pr-99.preview.example')).toBeUndefined();
});

test('the list is newest first, filters by repository in any case, and can leave out what is destroyed', async ({
  db,
}) => {
  await threeGenerations(db);
  await storeEnvironment(db, { repositoryId: 43, repositoryFullName: 'acme/shop-front', namespace: 'front' });
  const names = async (filter: Parameters<typeof listEnvironments>[1]) =>
    (await listEnvironments(db, filter)).map(({ namespace }) => namespace);
  expect(await names({})).toEqual(['front', 'three', 'two', 'one']);
  expect(await names({ repository: 'ACME/Shop' })).toEqual(['three', 'two', 'one']);
  expect(await names({ repository: 'acme/shop', activeOnly: true })).toEqual(['three', 'two']);
  expect(await names({ repository: 'acme/%' })).toEqual([]);
});

test('the list ends after a hundred', async ({ db }) => {
  for (let number = 1; number <= 101; number += 1)
    await storeEnvironment(db, { prNumber: number, namespace: `pr-${number}` });
  const list = await listEnvironments(db, {});
  expect(list).toHaveLength(100);
  expect(list[0]?.namespace).toBe('pr-101');
});

test('the timeline is in the order in which things happened, and a step stands there once for each time that it is begun', async ({
  db,
}) => {
  const { id: environmentId, commitSha } = await storeEnvironment(db);
  const at = { environmentId, commitSha };
  await recordStatus(db, { ...at, status: 'provisioning' });
  await recordSteps(db, at, [{ name: 'namespace', agoMs: 0 }]);
  await recordSteps(db, at, [{ name: 'namespace', agoMs: 0 }]);
  await recordStatus(db, { ...at, status: 'updating', commitSha: shaOf('b') });
  await recordSteps(db, { ...at, commitSha: shaOf('b') }, [{ name: 'namespace', agoMs: 0 }]);
  await recordNote(db, { ...at, name: 'edited', message: 'somebody edited the quota' });
  await recordStatus(db, { ...at, status: 'ready', message: 'at last' });
  const events = await timeline(db, environmentId);
  expect(events.map(({ kind, name, message }) => [kind, name, message])).toEqual([
    ['status', 'provisioning', null],
    ['step', 'namespace', null],
    ['status', 'updating', null],
    ['step', 'namespace', null],
    ['note', 'edited', 'somebody edited the quota'],
    ['status', 'ready', 'at last'],
  ]);
  expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted((a, b) => a - b));
});

test('what a report has not told yet are the state changes of all generations after the last one it told', async ({
  db,
}) => {
  const { first, third } = await threeGenerations(db);
  const other = await storeEnvironment(db, { prNumber: 13, namespace: 'other' });
  for (const { id, commitSha } of [first, other, third])
    await recordStatus(db, { environmentId: id, commitSha, status: 'ready' });
  await recordSteps(db, { environmentId: third.id, commitSha: third.commitSha }, [{ name: 'namespace', agoMs: 0 }]);
  const all = await statusEventsAfter(db, 42, 12, 0);
  expect(all.map(({ environmentId }) => environmentId)).toEqual([first.id, third.id]);
  expect(await statusEventsAfter(db, 42, 12, all[0]?.id ?? 0)).toEqual([all[1]]);
});

test('an account is one row for ever: its login may change, its id does not', async ({ db }) => {
  const account = { githubId: 1, githubLogin: 'old', avatarUrl: null };
  const { id } = await upsertUser(db, account);
  expect(await upsertUser(db, { ...account, githubLogin: 'new' })).toEqual({ id });
  expect(await db.selectFrom('users').select(['id', 'githubLogin']).execute()).toEqual([{ id, githubLogin: 'new' }]);
});

test('of a pull request that was reopened often the newest 50 generations are read', async ({ db }) => {
  for (let generation = 1; generation <= 51; generation += 1) {
    await storeEnvironment(db, {
      generation,
      namespace: `pr-12-${generation}`,
      wantedState: 'closed',
      status: 'destroyed',
    });
  }
  const read = (await generations(db, 42, 12)).map(({ generation }) => generation);
  expect([read.length, read[0], read.at(-1)]).toEqual([50, 51, 2]);
});
