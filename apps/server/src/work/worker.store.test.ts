import { defineError } from '@ephemera/model';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base, vi } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../../test/database.ts';
import { openDatabase } from '../store/database.ts';
import type { WorkKind, WorkRow } from '../store/schema.ts';
import { enqueue, lease } from '../store/work.ts';
import type { Claim } from './claim.ts';
import { listenForWork } from './listen.ts';
import { again, done, type Outcome } from './outcome.ts';
import { createWorker, type Handler, type Run, type Worker } from './worker.ts';

const log = pino({ level: 'silent' });
const work = { kind: 'environment', key: '1' } as const;
const soon = { timeout: 8_000, interval: 10 };

interface Fixture {
  database: TestDatabase;
  /** Starts a worker that does this with work of kind `environment`; it is stopped at the end. */
  run: (
    handler: Handler,
    options?: {
      leaseMs?: number;
      concurrency?: number;
      report?: Handler;
      parks?: readonly WorkKind[];
      onRun?: (run: Run) => void;
      yieldTo?: () => boolean;
    },
  ) => Worker;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  database: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database);
  },
  run: async ({ database }, use) => {
    await using stack = new AsyncDisposableStack();
    const nothing: Handler = async () => done();
    await use((environment, { leaseMs = 60_000, concurrency = 4, report = nothing, ...rest } = {}) => {
      const handlers = { environment, 'pull-request': nothing, report };
      const limited = { kinds: ['pull-request', 'report'], most: concurrency / 2 } as const;
      const worker = createWorker({
        db: database.db,
        handlers,
        owner: 'worker',
        leaseMs,
        concurrency,
        limited,
        log,
        ...rest,
      });
      stack.use(worker);
      worker.start();
      return worker;
    });
  },
});

const rows = ({ db }: TestDatabase): Promise<WorkRow[]> => db.selectFrom('work').selectAll().execute();

/** A handler that waits in each of its runs until it is told to go on. */
function gate(): { handler: Handler; runs: Claim[]; open: (outcome?: Outcome) => void } {
  const runs: Claim[] = [];
  let resolvers = Promise.withResolvers<Outcome>();
  return {
    runs,
    handler: (claim) => {
      runs.push(claim);
      return resolvers.promise;
    },
    open: (outcome = done()) => {
      const { resolve } = resolvers;
      resolvers = Promise.withResolvers();
      resolve(outcome);
    },
  };
}

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

test('work that fails is tried again later, and its last error is kept', async ({ database, run }) => {
  let failures = 0;
  await enqueue(database.db, work);
  const worker = run(async () => {
    failures += 1;
    throw new Error('the cluster does not answer');
  });
  await vi.waitFor(async () => {
    worker.wake();
    expect(await rows(database)).toMatchObject([
      { attempts: 2, lastError: 'the cluster does not answer', leaseOwner: null },
    ]);
  }, soon);
  expect(failures).toBe(2);
  expect((await rows(database))[0]?.dueAt.getTime()).toBeGreaterThan(Date.now());
});

test('one poisoned key does not keep the others from being done', async ({ database, run }) => {
  await enqueue(database.db, work);
  await enqueue(database.db, { ...work, key: '2' });
  run(async ({ key }) => {
    if (key === '1') throw new TypeError('poison');
    return done();
  });
  await vi.waitFor(async () => {
    expect(await rows(database)).toMatchObject([{ key: '1', attempts: 1, lastError: 'poison' }]);
  }, soon);
});

test('when the other side says how long to wait, the work waits that long', async ({ database, run }) => {
  const Limited = defineError<{ retryAfterMs: number }>({ code: 'x.limited', retryable: true, message: () => 'slow' });
  await enqueue(database.db, work);
  run(async () => {
    throw new Limited({ retryAfterMs: 600_000 });
  });
  await vi.waitFor(async () => expect(await rows(database)).toMatchObject([{ attempts: 1, lastError: 'slow' }]), soon);
  const waitMs = ((await rows(database))[0]?.dueAt.getTime() ?? 0) - Date.now();
  expect(waitMs).toBeGreaterThan(590_000);
});

test('an event ends such a wait for an environment, and not for what asks GitHub', async ({ database, run }) => {
  const Limited = defineError<{ retryAfterMs: number }>({ code: 'x.limited', retryable: true, message: () => 'slow' });
  const slow: Handler = async () => {
    throw new Limited({ retryAfterMs: 600_000 });
  };
  const report = { kind: 'report', key: '1' } as const;
  await enqueue(database.db, work);
  await enqueue(database.db, report);
  let runs = 0;
  run(
    async (claim) => {
      runs += 1;
      return runs === 1 ? slow(claim) : done();
    },
    { report: slow },
  );
  const kinds = async () => (await rows(database)).map(({ kind, lastError }) => `${kind} ${lastError}`).toSorted();
  await vi.waitFor(async () => expect(await kinds()).toEqual(['environment slow', 'report slow']), soon);

  await enqueue(database.db, report);
  await enqueue(database.db, work);
  await vi.waitFor(async () => expect(await kinds()).toEqual(['report slow']), soon);
  expect((await rows(database))[0]?.notBefore?.getTime()).toBeGreaterThan(Date.now() + 500_000);
});

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

test('work that has to wait for the world is looked at again by itself, and that is no failure', async ({
  database,
  run,
}) => {
  const outcomes = [again({ afterMs: 20, because: 'not yet' }), again({ afterMs: 20, because: 'not yet' }), done()];
  await enqueue(database.db, work);
  run(async () => outcomes.shift() ?? done());
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(outcomes).toEqual([]);
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

const Final = defineError({ code: 'test.final', retryable: false, message: () => 'this will never work' });

test('an error that says that trying again does not help parks the work until the next event', async ({
  database,
  run,
}) => {
  const outcomes: string[] = [];
  let healed = false;
  await enqueue(database.db, work);
  run(
    async () => {
      if (!healed) throw new Final({});
      return done();
    },
    { parks: ['environment'], onRun: ({ outcome }) => outcomes.push(outcome) },
  );
  await vi.waitFor(async () => expect((await rows(database))[0]?.parkedAt).not.toBeNull(), soon);

  healed = true;
  await enqueue(database.db, work);
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(outcomes).toEqual(['parked', 'done']);
});

test('where giving up would leave something behind, such an error is tried again too', async ({ database, run }) => {
  let runs = 0;
  await enqueue(database.db, work);
  run(async () => {
    runs += 1;
    if (runs === 1) throw new Final({});
    return done();
  });
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(runs).toBe(2);
});

test('new work is held back while somebody waits for an answer, but never for long', async ({ database, run }) => {
  const begun: number[] = [];
  const startedAt = performance.now();
  await enqueue(database.db, work);
  run(
    async () => {
      begun.push(performance.now() - startedAt);
      return done();
    },
    { yieldTo: () => true },
  );
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(begun).toHaveLength(1);
  expect(begun[0]).toBeGreaterThan(490);
});

test('a report waits until environments that are due have had their turn', async ({ database, run }) => {
  const order: string[] = [];
  await enqueue(database.db, { kind: 'report', key: '1', fairKey: 'acme' });
  await enqueue(database.db, { kind: 'environment', key: '1', fairKey: 'acme' });
  const tell =
    (kind: string): Handler =>
    async () => {
      order.push(kind);
      return done();
    };
  run(tell('environment'), { concurrency: 2, report: tell('report') });
  await vi.waitFor(async () => expect(await rows(database)).toEqual([]), soon);
  expect(order).toEqual(['environment', 'report']);
});
