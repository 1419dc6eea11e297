import { sql } from 'kysely';
import { expect, vi } from 'vitest';
import type { TestDatabase } from '../../test/database.ts';
import { gate, log, rows, soon, test, work } from '../../test/working.ts';
import { openDatabase } from '../store/database.ts';
import { enqueue, lease } from '../store/work.ts';
import { listenForWork } from './listen.ts';
import { done } from './outcome.ts';
import type { Handler, Worker } from './worker.ts';

test('work that is due is done, and then it is gone', async ({ database, run }) => {
  const keys: string[] = [];
  await enqueue(database.db, work);
  run(async ({ key }) => {
    keys.push(key);
    return done();
  });
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(keys).toEqual(['1']);
});

test('a key never runs twice at once, and an event during its run makes it run once more', async ({
  database,
  run,
}) => {
  const { handler, runs, open } = gate();
  await enqueue(database.db, work);
  const worker = run(handler);
  await vi.waitFor(() => expect(runs).toHaveLength(1), soon);
  for (let times = 0; times < 5; times += 1) {
    await enqueue(database.db, work);
    worker.wake();
  }
  await enqueue(database.db, { ...work, key: '2' });
  worker.wake();
  await vi.waitFor(() => expect(runs.map(({ key }) => key)).toEqual(['1', '2']), soon);

  open();
  await vi.waitFor(() => expect(runs.map(({ key }) => key)).toEqual(['1', '2', '1']), soon);
  open();
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(runs).toHaveLength(3);
});

test('no more keys run at once than were allowed', async ({ database, run }) => {
  const { handler, runs, open } = gate();
  for (let key = 0; key < 5; key += 1) await enqueue(database.db, { ...work, key: String(key) });
  const worker = run(handler, { concurrency: 2 });
  await vi.waitFor(() => expect(runs).toHaveLength(2), soon);
  worker.wake();
  const held = (await rows(database)).filter(({ leaseOwner }) => leaseOwner !== null);
  expect(held).toHaveLength(2);
  await vi.waitFor(async () => {
    open();
    expect(await rows(database)).toEqual([]);
  }, soon);
  expect(runs).toHaveLength(5);
});

test('reports that wait for GitHub never take the places of environments', async ({ database, run }) => {
  const stuck = gate();
  const keys: string[] = [];
  for (const key of ['42/1', '42/2', '42/3']) await enqueue(database.db, { kind: 'report', key });
  const environment: Handler = async ({ key }) => {
    keys.push(key);
    return done();
  };
  const worker = run(environment, { concurrency: 2, report: stuck.handler });
  await vi.waitFor(() => expect(stuck.runs).toHaveLength(1), soon);
  await enqueue(database.db, work);
  worker.wake();
  await vi.waitFor(() => expect(keys).toEqual(['1']), soon);
  expect(stuck.runs).toHaveLength(1);
  await vi.waitFor(async () => {
    stuck.open();
    expect(await rows(database)).toEqual([]);
  }, soon);
});

test('an enqueue on another connection wakes the worker, long before it would look by itself', async ({
  database,
  run,
}) => {
  await using stack = new AsyncDisposableStack();
  const other = openDatabase(database.address, () => {});
  stack.defer(() => other.destroy());
  const keys: string[] = [];
  const worker = run(async ({ key }) => {
    keys.push(key);
    return done();
  });
  const { wakes, stop } = await listening(database, worker);
  stack.defer(stop);

  const before = wakes();
  await enqueue(other, work);
  await vi.waitFor(() => expect(keys).toEqual(['1']), { timeout: 2_000, interval: 5 });
  expect(wakes()).toBeGreaterThan(before);
});

test('a listening connection that was cut comes back by itself', async ({ database, run }) => {
  await using stack = new AsyncDisposableStack();
  const worker = run(async () => done());
  const { wakes, stop } = await listening(database, worker);
  stack.defer(stop);
  const before = wakes();
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like 'listen %'`.execute(database.db);
  await vi.waitFor(() => expect(wakes()).toBeGreaterThan(before), soon);
  await sql`select pg_notify('ephemera_work', 'environment')`.execute(database.db);
  await vi.waitFor(() => expect(wakes()).toBeGreaterThan(before + 1), soon);
});

test('a handler whose lease was taken over is told to stop, and what it still writes is refused', async ({
  database,
  run,
}) => {
  const { db } = database;
  let late: unknown;
  await enqueue(db, work);
  run(
    async (claim) => {
      await sql`update work set lease_until = now() - interval '1 ms'`.execute(db);
      await lease(db, { owner: 'another worker', leaseMs: 60_000 });
      await new Promise((resolve) => claim.signal.addEventListener('abort', resolve));
      late = await claim.write(async () => 'written').catch((error: unknown) => error);
      throw new Error('whatever comes of it');
    },
    { leaseMs: 900 },
  );
  await vi.waitFor(() => expect(late).toMatchObject({ code: 'work.lease_lost' }), soon);
  expect(await rows(database)).toMatchObject([{ leaseOwner: 'another worker', attempts: 0, lastError: null }]);
});

/** Listens as the server does, and returns once it has been told that the connection stands. */
async function listening(
  { address }: TestDatabase,
  worker: Worker,
): Promise<{ wakes: () => number; stop: () => Promise<void> }> {
  let count = 0;
  const background = new AbortController();
  const wake = () => {
    count += 1;
    worker.wake();
  };
  const loop = listenForWork(address, wake, log, background.signal);
  await vi.waitFor(() => expect(count).toBe(1), soon);
  return {
    wakes: () => count,
    stop: async () => {
      background.abort();
      await loop;
    },
  };
}
