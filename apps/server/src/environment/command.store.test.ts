import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from '../store/database.ts';
import { deploymentsOf } from '../store/deployments.ts';
import { environmentById } from '../store/environments.ts';
import { saveRepository } from '../store/repositories.ts';
import { destroyByHand, retry } from './command.ts';
import { decide } from './decide.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

async function due(db: Database): Promise<string[]> {
  const rows = await db.deleteFrom('work').returning(['kind', 'key']).execute();
  return rows.map(({ kind, key }) => `${kind} ${key}`).toSorted();
}

async function planFor(db: Database, id: number) {
  const row = await environmentById(db, id);
  return row && decide(row).kind;
}

test('an environment that is destroyed by hand is held, torn down by its work, and a second time changes nothing', async ({
  db,
}) => {
  const { id } = await storeEnvironment(db);
  expect(await destroyByHand(db, id)).toMatchObject({ wantedState: 'closed', held: true, reason: 'environment.held' });
  expect(await due(db)).toEqual([`environment ${id}`]);
  expect(await planFor(db, id)).toBe('teardown');

  const before = await environmentById(db, id);
  expect(await destroyByHand(db, id)).toEqual(before);
  expect(await due(db)).toEqual([]);
});

test('destroying what its pull request has closed holds nothing, and what is unknown is undefined', async ({ db }) => {
  const { id } = await storeEnvironment(db, { wantedState: 'closed', status: 'destroying' });
  expect(await destroyByHand(db, id)).toMatchObject({ held: false });
  expect(await destroyByHand(db, 999)).toBeUndefined();
  expect(await retry(db, 999)).toBeUndefined();
});

test('a retry of what failed runs the steps again for the wanted commit, as a deployment of its own', async ({
  db,
}) => {
  const { id } = await storeEnvironment(db, { status: 'failed', reason: 'kube.forbidden', errorMessage: 'no' });
  expect(await planFor(db, id)).toBe('nothing');
  expect(await retry(db, id)).toMatchObject({
    did: 'steps',
    environment: { status: 'failed', reason: 'environment.retry' },
  });
  expect(await planFor(db, id)).toBe('converge');
  expect(await due(db)).toContain(`environment ${id}`);
  expect(await deploymentsOf(db, id)).toMatchObject([{ status: 'queued', commitSha: shaOf('a') }]);
});

test('a retry of a removal that failed tries the removal again', async ({ db }) => {
  const { id } = await storeEnvironment(db, {
    status: 'failed',
    wantedState: 'closed',
    reason: 'environment.removing',
  });
  expect(await retry(db, id)).toMatchObject({ did: 'removal' });
  expect(await due(db)).toContain(`environment ${id}`);
  expect(await planFor(db, id)).toBe('teardown');
});

test('a retry of what was destroyed by hand lets it go and has the pull request looked at', async ({ db }) => {
  const { id } = await storeEnvironment(db, { status: 'destroyed', wantedState: 'closed', held: true });
  expect(await retry(db, id)).toMatchObject({ did: 'generation', environment: { held: false } });
  expect(await environmentById(db, id)).toMatchObject({ held: false });
  const [work] = await db.selectFrom('work').selectAll().where('kind', '=', 'pull-request').execute();
  expect(work).toMatchObject({ key: '42/12', hint: { installationId: 5, repositoryFullName: 'acme/shop' } });
});

test.each(['ready', 'provisioning', 'destroyed'] as const)(
  'there is nothing to retry about one that is %s',
  async (status) => {
    await using database = await cloneDatabase();
    const { id } = await storeEnvironment(database.db, { status });
    expect(await retry(database.db, id)).toMatchObject({ did: 'nothing', environment: { status, reason: null } });
  },
);

test('an earlier generation that was held is past: a retry of it brings nothing back', async ({ db }) => {
  const { id } = await storeEnvironment(db, { status: 'destroyed', wantedState: 'closed', held: true });
  await storeEnvironment(db, { generation: 2, namespace: 'pr-12-second' });
  expect(await retry(db, id)).toMatchObject({ did: 'nothing' });
});

test('two retries in a row are one deployment', async ({ db }) => {
  const { id } = await storeEnvironment(db, { status: 'failed', reason: 'kube.forbidden', errorMessage: 'no' });
  expect(await retry(db, id)).toMatchObject({ did: 'steps' });
  expect(await retry(db, id)).toMatchObject({ did: 'steps' });
  expect(await deploymentsOf(db, id)).toHaveLength(1);
});

test('a retry of what was held asks where the repository is now, not where it was', async ({ db }) => {
  const { id } = await storeEnvironment(db, { status: 'destroyed', wantedState: 'closed', held: true });
  await saveRepository(db, { id: 42, installationId: 6, fullName: 'elsewhere/shop' });
  await retry(db, id);
  const [work] = await db.selectFrom('work').selectAll().where('kind', '=', 'pull-request').execute();
  expect(work?.hint).toEqual({ installationId: 6, repositoryFullName: 'elsewhere/shop' });
});
