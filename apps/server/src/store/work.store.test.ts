import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import type { Database } from './database.ts';
import type { WorkRow } from './schema.ts';
import {
  enqueue,
  extendLease,
  finish,
  holdsLease,
  lease,
  nextDueMs,
  park,
  postpone,
  release,
  retryParked,
} from './work.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const leaseMs = 60_000;
const one = { kind: 'environment', key: '1' } as const;
const two = { kind: 'environment', key: '2' } as const;

async function leased(db: Database, owner = 'worker'): Promise<WorkRow> {
  const [row] = await lease(db, { owner, leaseMs });
  if (!row) throw new Error('nothing is due');
  return row;
}

const rows = (db: Database): Promise<WorkRow[]> => db.selectFrom('work').selectAll().orderBy('key').execute();

/** As if the worker that holds it had died a lease ago. */
const lapse = (db: Database) => sql`update work set lease_until = now() - interval '1 ms'`.execute(db);

test('work that is enqueued while it runs is due again when it ends, so no event is lost', async ({ db }) => {
  await enqueue(db, one);
  const first = await leased(db, 'one');
  await enqueue(db, one);

  expect(await lease(db, { owner: 'two', leaseMs })).toEqual([]);
  await finish(db, first, first.wanted);

  expect(await leased(db, 'two')).toMatchObject({ kind: 'environment', key: '1', leaseOwner: 'two' });
});

test('what is enqueued many times is done once', async ({ db }) => {
  await Promise.all(Array.from({ length: 20 }, () => enqueue(db, one)));
  const row = await leased(db);
  expect(row.wanted).toBe(20);
  await finish(db, row, row.wanted);
  expect(await rows(db)).toEqual([]);
});

test('the same key of another kind is other work', async ({ db }) => {
  await enqueue(db, { kind: 'report', key: '1' });
  await enqueue(db, one);
  expect(await rows(db)).toHaveLength(2);
});

test('a lease skips what others hold', async ({ db }) => {
  await enqueue(db, one);
  await enqueue(db, two);
  const keys = [await leased(db, 'a'), await leased(db, 'b')].map(({ key }) => key);
  expect(keys.toSorted()).toEqual(['1', '2']);
  expect(await lease(db, { owner: 'c', leaseMs })).toEqual([]);
});

test('workers that ask at the same moment never get the same work', async ({ db }) => {
  for (let key = 0; key < 8; key += 1) await enqueue(db, { kind: 'environment', key: String(key) });
  const taken = await Promise.all(
    Array.from({ length: 10 }, (_, index) => lease(db, { owner: `worker ${index}`, leaseMs, most: 3 })),
  );
  const keys = taken.flat().map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('the most overdue work comes first', async ({ db }) => {
  await enqueue(db, one);
  await enqueue(db, two);
  await sql`update work set due_at = now() - interval '1 minute' where key = '2'`.execute(db);
  expect((await leased(db)).key).toBe('2');
});

test('what is due later is not leased before', async ({ db }) => {
  await enqueue(db, one);
  const row = await leased(db);
  await postpone(db, row, row.wanted, { afterMs: 60_000 });
  expect(await lease(db, { owner: 'worker', leaseMs })).toEqual([]);
});

test('a lease that lapsed is taken over, and its old holder can no longer touch the row', async ({ db }) => {
  await enqueue(db, one);
  const old = await leased(db, 'dead');
  await lapse(db);
  const current = await leased(db, 'heir');
  expect(current.epoch).toBeGreaterThan(old.epoch);

  expect(await holdsLease(db, old)).toBe(false);
  expect(await extendLease(db, old, leaseMs)).toBe(false);
  await finish(db, old, old.wanted);
  await postpone(db, old, old.wanted, { afterMs: 0, error: 'late' });

  expect(await rows(db)).toEqual([current]);
  expect(await holdsLease(db, current)).toBe(true);
  expect(await extendLease(db, current, leaseMs)).toBe(true);
});

test('work that was given back is nobody’s: a late heartbeat or write of its old holder is refused', async ({ db }) => {
  await enqueue(db, one);
  const old = await leased(db);
  await postpone(db, old, old.wanted, { afterMs: 0 });
  expect(await extendLease(db, old, leaseMs)).toBe(false);
  expect(await holdsLease(db, old)).toBe(false);
  expect(await leased(db, 'next')).toMatchObject({ leaseOwner: 'next' });
});

test('work that was enqueued during a run is due at once, also when the run wanted to wait', async ({ db }) => {
  await enqueue(db, one);
  const row = await leased(db);
  await enqueue(db, one);
  await postpone(db, row, row.wanted, { afterMs: 60_000 });
  expect((await leased(db)).key).toBe('1');
});

test('a failure counts an attempt and is remembered, until a run goes well or a new event comes', async ({ db }) => {
  await enqueue(db, one);
  const first = await leased(db);
  await postpone(db, first, first.wanted, { afterMs: 0, error: 'no answer' });
  const second = await leased(db);
  expect(second).toMatchObject({ attempts: 1, lastError: 'no answer' });
  await postpone(db, second, second.wanted, { afterMs: 0, error: 'still none' });
  expect(await rows(db)).toMatchObject([{ attempts: 2, lastError: 'still none' }]);

  await enqueue(db, one);
  const third = await leased(db);
  expect(third.attempts).toBe(0);
  await postpone(db, third, third.wanted, { afterMs: 0 });
  expect(await rows(db)).toMatchObject([{ attempts: 0, lastError: null }]);
});

test('an enqueue without a hint keeps the one that is there, and a newer hint replaces it', async ({ db }) => {
  const hint = (name: string) => ({ installationId: 5, repositoryFullName: name });
  await enqueue(db, { ...one, hint: hint('acme/shop') });
  await enqueue(db, one);
  expect(await rows(db)).toMatchObject([{ hint: hint('acme/shop') }]);
  await enqueue(db, { ...one, hint: hint('acme/store') });
  expect(await rows(db)).toMatchObject([{ hint: hint('acme/store') }]);
});

test('work that was done and enqueued anew never repeats an epoch', async ({ db }) => {
  await enqueue(db, one);
  const first = await leased(db);
  await finish(db, first, first.wanted);
  await enqueue(db, one);
  const second = await leased(db);
  expect(second.epoch).toBeGreaterThan(first.epoch);
  expect(await holdsLease(db, first)).toBe(false);
});

test('an enqueue that is rolled back leaves nothing', async ({ db }) => {
  const broken = db.transaction().execute(async (tx) => {
    await enqueue(tx, one);
    throw new Error('rolled back');
  });
  await expect(broken).rejects.toThrow('rolled back');
  expect(await rows(db)).toEqual([]);
});

test('the next due time is that of the earliest row, and not before the lease of a held one ends', async ({ db }) => {
  expect(await nextDueMs(db)).toBeUndefined();
  await enqueue(db, one);
  expect(await nextDueMs(db)).toBeLessThanOrEqual(0);
  const row = await leased(db);
  expect(await nextDueMs(db)).toBeGreaterThan(leaseMs - 10_000);
  await postpone(db, row, row.wanted, { afterMs: 5_000 });
  const due = await nextDueMs(db);
  expect(due).toBeGreaterThan(0);
  expect(due).toBeLessThanOrEqual(5_000);
});

test('repositories take turns: what one of them asked for first does not keep the others waiting', async ({ db }) => {
  for (let key = 0; key < 6; key += 1) await enqueue(db, { kind: 'environment', key: `busy ${key}`, fairKey: 'busy' });
  await enqueue(db, { kind: 'environment', key: 'calm', fairKey: 'calm' });
  const first = await lease(db, { owner: 'worker', leaseMs, most: 2 });
  expect(first.map(({ key }) => key).toSorted()).toEqual(['busy 0', 'calm']);

  // What runs counts too: the calm repository's next one comes before the busy one's third.
  await lease(db, { owner: 'worker', leaseMs });
  const calm = first.find(({ key }) => key === 'calm');
  if (calm) await finish(db, calm, calm.wanted);
  await enqueue(db, { kind: 'environment', key: 'calm again', fairKey: 'calm' });
  expect((await leased(db)).key).toBe('calm again');
});

test('an author with pull requests in many repositories is still one author', async ({ db }) => {
  for (let key = 0; key < 6; key += 1)
    await enqueue(db, { kind: 'environment', key: `many ${key}`, fairKey: `repository ${key}`, fairAuthor: 'many' });
  await enqueue(db, { kind: 'environment', key: 'one', fairKey: 'repository 0', fairAuthor: 'one' });
  const keys = (await lease(db, { owner: 'worker', leaseMs, most: 3 })).map(({ key }) => key);
  expect(keys).toContain('one');
});

test('a wait that the other side asked for is not shortened by an event', async ({ db }) => {
  await enqueue(db, one);
  const row = await leased(db);
  await postpone(db, row, row.wanted, { afterMs: 60_000, error: 'GitHub asks to wait', asked: true });
  await enqueue(db, one);
  expect(await lease(db, { owner: 'worker', leaseMs })).toEqual([]);
  expect(await nextDueMs(db)).toBeGreaterThan(50_000);
  expect((await rows(db))[0]).toMatchObject({ attempts: 0, lastError: 'GitHub asks to wait' });
});

test('what failed for good waits, visibly, for the next event and for nothing else', async ({ db }) => {
  await enqueue(db, one);
  const row = await leased(db);
  await park(db, row, row.wanted, 'refused');
  expect(await lease(db, { owner: 'worker', leaseMs })).toEqual([]);
  expect(await nextDueMs(db)).toBeUndefined();
  expect((await rows(db))[0]).toMatchObject({ lastError: 'refused', leaseOwner: null, parkedAt: expect.any(Date) });

  await enqueue(db, one);
  expect(await leased(db)).toMatchObject({ key: '1', attempts: 0, parkedAt: null });
});

test('an event that arrives while a run fails for good is its next try', async ({ db }) => {
  await enqueue(db, one);
  const row = await leased(db);
  await enqueue(db, one);
  await park(db, row, row.wanted, 'refused');
  expect(await leased(db)).toMatchObject({ key: '1' });
});

test('a worker that was taken over can neither end, postpone nor park the work', async ({ db }) => {
  await enqueue(db, one);
  const stale = await leased(db, 'paused');
  await lapse(db);
  const current = await leased(db, 'next');
  await finish(db, stale, stale.wanted);
  await postpone(db, stale, stale.wanted, { afterMs: 60_000 });
  await park(db, stale, stale.wanted, 'too late');
  expect(await rows(db)).toMatchObject([{ epoch: current.epoch, leaseOwner: 'next', parkedAt: null, lastError: null }]);
});

test('what was parked long ago gets its next try when somebody asks for that, and keeps its error until then', async ({
  db,
}) => {
  await enqueue(db, one);
  const row = await leased(db);
  await park(db, row, row.wanted, 'refused');
  await retryParked(db, 'environment', 10);
  expect(await lease(db, { owner: 'worker', leaseMs })).toEqual([]);

  await sql`update work set parked_at = now() - interval '11 minutes'`.execute(db);
  await retryParked(db, 'report', 10);
  expect(await lease(db, { owner: 'worker', leaseMs })).toEqual([]);
  await retryParked(db, 'environment', 10);
  expect(await leased(db)).toMatchObject({ key: '1', attempts: 1, lastError: 'refused' });
});

test('what waits keeps its place in the queue, however many events follow', async ({ db }) => {
  await enqueue(db, one);
  await enqueue(db, two);
  await enqueue(db, one);
  expect((await leased(db)).key).toBe('1');
});

test('what was leased and never begun is given back as it was', async ({ db }) => {
  await enqueue(db, one);
  const first = await leased(db);
  await postpone(db, first, first.wanted, { afterMs: 0, error: 'broken' });
  await release(db, await leased(db));
  expect(await leased(db)).toMatchObject({ attempts: 1, lastError: 'broken' });
});
