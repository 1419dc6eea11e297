import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from '../store/database.ts';
import { timeline } from '../store/events.ts';
import { enqueueEnvironment, transition } from './transition.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const reports = (db: Database) => db.selectFrom('work').select(['kind', 'key', 'wanted']).execute();
const because = (reason: string, message: string) => ({ reason, message });

test('a new state changes row, timeline and report together', async ({ db }) => {
  const environment = await storeEnvironment(db);
  const after = await transition(db, environment, { status: 'failed', because: because('kube.quota', 'It is full.') });
  expect(after).toMatchObject({ status: 'failed', reason: 'kube.quota', errorMessage: 'It is full.' });
  expect(await timeline(db, environment.id)).toMatchObject([{ name: 'failed', message: 'It is full.' }]);
  expect(await reports(db)).toEqual([{ kind: 'report', key: '42/12', wanted: 1 }]);
});

test('leaving a state clears what explained it', async ({ db }) => {
  const environment = await storeEnvironment(db, { status: 'failed', reason: 'x', errorMessage: 'y' });
  expect(await transition(db, environment, { status: 'ready' })).toMatchObject({ reason: null, errorMessage: null });
});

test('the same state for another commit is news', async ({ db }) => {
  const environment = await storeEnvironment(db, { status: 'updating' });
  await transition(db, environment, { status: 'updating', commitSha: shaOf('b') });
  expect(await timeline(db, environment.id)).toMatchObject([{ name: 'updating', commitSha: shaOf('b') }]);
});

test('saying the same again changes nothing', async ({ db }) => {
  const environment = await storeEnvironment(db);
  expect(await transition(db, environment, { status: 'ready' })).toBe(environment);
  expect(await timeline(db, environment.id)).toEqual([]);
  expect(await reports(db)).toEqual([]);
});

test('a newer sentence for the same reason stands in the row, without an event or a report', async ({ db }) => {
  const environment = await storeEnvironment(db, { status: 'destroying', reason: 'x', errorMessage: '2 pods left' });
  const after = await transition(db, environment, { status: 'destroying', because: because('x', '1 pod left') });
  expect(after.errorMessage).toBe('1 pod left');
  expect(await timeline(db, environment.id)).toEqual([]);
  expect(await reports(db)).toEqual([]);
});

test('another reason in the same state is reported, without an event', async ({ db }) => {
  const environment = await storeEnvironment(db, { status: 'destroying', reason: 'x', errorMessage: 'removing' });
  await transition(db, environment, { status: 'destroying', because: because('y', 'a finalizer holds it') });
  expect(await timeline(db, environment.id)).toEqual([]);
  expect(await reports(db)).toHaveLength(1);
});

test('what follows from a change waits in the turn of its repository and of its author', async ({ db }) => {
  const environment = await storeEnvironment(db, { status: 'provisioning' });
  await transition(db, environment, { status: 'ready' });
  await enqueueEnvironment(db, environment);
  const rows = await db.selectFrom('work').select(['kind', 'fairKey', 'fairAuthor']).orderBy('kind').execute();
  const turn = { fairKey: String(environment.repositoryId), fairAuthor: `owner ${environment.ownerId}` };
  expect(rows).toEqual([
    { kind: 'environment', ...turn },
    { kind: 'report', ...turn },
  ]);
});
