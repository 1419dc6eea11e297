import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from './database.ts';
import {
  deploymentsOf,
  finishDeployment,
  queueDeployment,
  startDeployment,
  supersedeDeployments,
} from './deployments.ts';

interface Fixture {
  db: Database;
  /** An environment with queued deployments of commits a, b and c. */
  id: number;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  id: async ({ db }, use) => {
    const { id } = await storeEnvironment(db);
    for (const sha of ['a', 'b', 'c']) await queueDeployment(db, id, sha);
    await use(id);
  },
});

const states = async (db: Database, id: number) =>
  (await deploymentsOf(db, id)).map(({ commitSha, status }) => `${commitSha} ${status}`);

test('starting the newest commit supersedes those that were waiting', async ({ db, id }) => {
  await startDeployment(db, id, 'c');
  expect(await states(db, id)).toEqual(['a superseded', 'b superseded', 'c in_progress']);
});

test('a deployment that ended stays as it ended', async ({ db, id }) => {
  await startDeployment(db, id, 'a');
  await finishDeployment(db, id, 'a');
  await queueDeployment(db, id, 'd');
  await startDeployment(db, id, 'd');
  await finishDeployment(db, id, 'd', 'the quota is full');
  await finishDeployment(db, id, 'a', 'late');
  expect(await states(db, id)).toEqual(['a success', 'b superseded', 'c superseded', 'd failed']);
  expect((await deploymentsOf(db, id)).at(-1)).toMatchObject({
    errorMessage: 'the quota is full',
    startedAt: expect.any(Date) as unknown,
    completedAt: expect.any(Date) as unknown,
  });
});

test('starting again after a crash keeps the first start', async ({ db, id }) => {
  await startDeployment(db, id, 'c');
  const first = (await deploymentsOf(db, id)).at(-1)?.startedAt;
  await startDeployment(db, id, 'c');
  expect((await deploymentsOf(db, id)).at(-1)?.startedAt).toEqual(first);
});

test('closing supersedes everything that had not ended', async ({ db, id }) => {
  await startDeployment(db, id, 'c');
  await supersedeDeployments(db, id);
  expect(await states(db, id)).toEqual(['a superseded', 'b superseded', 'c superseded']);
});

test('of many deployments the newest 200 are read, oldest first', async ({ db, id }) => {
  for (let number = 1; number <= 200; number += 1) await queueDeployment(db, id, `sha-${number}`);
  const shas = (await deploymentsOf(db, id)).map(({ commitSha }) => commitSha);
  expect(shas).toHaveLength(200);
  expect([shas[0], shas.at(-1)]).toEqual(['sha-1', 'sha-200']);
});
