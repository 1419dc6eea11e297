import { pino } from 'pino';
import { test as base } from 'vitest';
import type { Limits } from '../src/environment/objects.ts';
import { reconcileEnvironment } from '../src/environment/reconcile.ts';
import type { Database } from '../src/store/database.ts';
import { enqueue, postpone } from '../src/store/work.ts';
import type { Outcome } from '../src/work/outcome.ts';
import { claimFor } from './claim.ts';
import { cloneDatabase } from './database.ts';
import { startObjectServer, type ObjectServer } from './object-server.ts';

export interface Reconciling {
  readonly db: Database;
  readonly api: ObjectServer;
  /** What was logged, a line each. */
  readonly logged: { level: number; msg: string; reason?: string }[];
  /** One run of the work of this environment. What it enqueues stays; what was enqueued before is forgotten. */
  readonly reconcile: (id: number, now?: Date) => Promise<Outcome>;
}

export const limits: Limits = {
  cpu: '1',
  memory: '2Gi',
  pods: 10,
  services: 20,
  persistentVolumeClaims: 10,
  secrets: 30,
  configMaps: 30,
  defaultCpu: '100m',
  defaultMemory: '200Mi',
};

/** Above this a removal is an alarm. */
export const failedAfterMs = 600_000;

/** A test with a database and an API server of its own, and the handler of an environment's work between them. */
export const test = base.extend<Reconciling>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  api: async ({}, use) => {
    await using server = await startObjectServer();
    await use(server);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  logged: async ({}, use) => {
    await use([]);
  },
  reconcile: async ({ db, api: { cluster }, logged }, use) => {
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as Reconciling['logged'][number]) });
    await use(async (id, now = new Date()) => {
      const work = { kind: 'environment', key: String(id) } as const;
      await db.deleteFrom('work').execute();
      await enqueue(db, work);
      using claim = await claimFor(db, work);
      const run = reconcileEnvironment({ db, cluster, limits, failedAfterMs, now: () => now, log });
      try {
        return await run(claim);
      } finally {
        await postpone(db, claim.lease, 1, { afterMs: 60_000 });
      }
    });
  },
});

/** The kinds of work that are there, in the order of the alphabet. */
export async function workKinds(db: Database): Promise<string[]> {
  const rows = await db.selectFrom('work').select('kind').orderBy('kind').execute();
  return rows.map(({ kind }) => kind);
}
