import { defineError } from '@ephemera/model';
import { expect, vi } from 'vitest';
import { rows, soon, test, work } from '../../test/working.ts';
import { enqueue } from '../store/work.ts';
import { again, done } from './outcome.ts';
import type { Handler } from './worker.ts';

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
