import { sql } from 'kysely';
import { expect, vi } from 'vitest';
import { gate, rows, soon, test, work } from '../../test/working.ts';
import { enqueue, lease } from '../store/work.ts';
import { done } from './outcome.ts';

test('a stop that comes while work is being leased gives it back at once', async ({ database, run }) => {
  await enqueue(database.db, work);
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const blocking = database.db.transaction().execute(async (tx) => {
    await sql`lock table work in share row exclusive mode`.execute(tx);
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  let runs = 0;
  const worker = run(async () => {
    runs += 1;
    return done();
  });
  const waiting = () =>
    sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
      database.db,
    );
  await vi.waitFor(async () => expect((await waiting()).rows).toHaveLength(1), soon);
  const stopped = worker[Symbol.asyncDispose]();
  release.resolve();
  await Promise.all([stopped, blocking]);
  expect(runs).toBe(0);
  expect(await rows(database)).toMatchObject([{ key: '1', leaseOwner: null }]);
});

test('stopping waits for what runs, lets it finish its writes, and takes nothing new', async ({ database, run }) => {
  const { handler, runs, open } = gate();
  await enqueue(database.db, work);
  const worker = run(handler);
  await vi.waitFor(() => expect(runs).toHaveLength(1), soon);

  let stopped = false;
  const stopping = worker[Symbol.asyncDispose]().then(() => (stopped = true));
  expect(runs[0]?.signal.aborted).toBe(false);
  await enqueue(database.db, { ...work, key: '2' });
  worker.wake();
  expect(stopped).toBe(false);
  open();
  await stopping;
  expect(await rows(database)).toMatchObject([{ key: '2', leaseOwner: null }]);
});

test('work that does not end by itself is cut off by a stop, and is due at once for the next server', async ({
  database,
  run,
}) => {
  await enqueue(database.db, work);
  let started = false;
  const worker = run(async ({ signal }) => {
    started = true;
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut off'))));
    return done();
  });
  await vi.waitFor(() => expect(started).toBe(true), soon);
  await worker[Symbol.asyncDispose]();
  expect(await lease(database.db, { owner: 'the next server', leaseMs: 60_000 })).toMatchObject([
    { key: '1', attempts: 0 },
  ]);
});
