import { pino } from 'pino';
import { test as base } from 'vitest';
import type { WorkKind, WorkRow } from '../src/store/schema.ts';
import type { Claim } from '../src/work/claim.ts';
import { done, type Outcome } from '../src/work/outcome.ts';
import { createWorker, type Handler, type Run, type Worker } from '../src/work/worker.ts';
import { cloneDatabase, type TestDatabase } from './database.ts';

export const log = pino({ level: 'silent' });
export const work = { kind: 'environment', key: '1' } as const;
/** How long a worker gets for what it does at once. */
export const soon = { timeout: 8_000, interval: 10 };

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

export const test = base.extend<Fixture>({
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

export const rows = ({ db }: TestDatabase): Promise<WorkRow[]> => db.selectFrom('work').selectAll().execute();

/** A handler that waits in each of its runs until it is told to go on. */
export function gate(): { handler: Handler; runs: Claim[]; open: (outcome?: Outcome) => void } {
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
