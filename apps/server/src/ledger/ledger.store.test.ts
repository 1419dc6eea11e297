import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from '../store/database.ts';
import { created, entryRef, gone, intend, living } from './ledger.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'pr-12' };
const job = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'builds', name: 'build-12' };

test('an intent is written once, however often the step runs, and gets its uid when the thing exists', async ({
  db,
}) => {
  const { id } = await storeEnvironment(db);
  await intend(db, id, namespace);
  await intend(db, id, namespace);
  expect(await living(db, id)).toMatchObject([{ kind: 'Namespace', uid: null, createdAt: null }]);
  await created(db, id, namespace, 'uid-1');
  const [entry] = await living(db, id);
  expect(entry).toMatchObject({ uid: 'uid-1', createdAt: expect.any(Date) as unknown });
});

test('what is living is listed newest first, as it is taken down in that order', async ({ db }) => {
  const { id } = await storeEnvironment(db);
  await intend(db, id, namespace);
  await intend(db, id, job);
  expect((await living(db, id)).map(entryRef)).toEqual([job, namespace]);
});

test('what is gone stays recorded, is no longer living, and can be made anew', async ({ db }) => {
  const { id } = await storeEnvironment(db);
  await intend(db, id, namespace);
  await created(db, id, namespace, 'uid-1');
  const [first] = await living(db, id);
  await gone(db, first?.id ?? 0);
  expect(await living(db, id)).toEqual([]);

  await intend(db, id, namespace);
  await created(db, id, namespace, 'uid-2');
  expect(await living(db, id)).toMatchObject([{ uid: 'uid-2' }]);
  const all = await db.selectFrom('ledger').select('uid').orderBy('id').execute();
  expect(all).toEqual([{ uid: 'uid-1' }, { uid: 'uid-2' }]);
});

test('each environment has lines of its own', async ({ db }) => {
  const first = await storeEnvironment(db);
  const second = await storeEnvironment(db, { prNumber: 13, namespace: 'pr-13' });
  await intend(db, first.id, namespace);
  await intend(db, second.id, { ...namespace, name: 'pr-13' });
  expect((await living(db, second.id)).map(({ name }) => name)).toEqual(['pr-13']);
});
