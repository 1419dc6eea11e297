import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../src/postgres/embedded.ts';
import { openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the Unix socket of one PostgreSQL for the whole tier. */
    postgres: { host: string; user: string; template: string };
  }
}

/** One PostgreSQL for all files of a tier, with one migrated database that every file clones: a clone takes milliseconds. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-test-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, durable: false, log: pino({ level: 'silent' }) });
  const db = openDatabase(postgres.address, () => {}, 1);
  await migrate(db);
  await db.destroy();
  const { host, user, database } = postgres.address as { host: string; user: string; database: string };
  project.provide('postgres', { host, user, template: database });
  const { pid } = postgres;
  // Whoever interrupts the tests gets no teardown, but should not find a database running afterwards.
  const abandon = () => {
    if (pid !== undefined) process.kill(pid, 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  return async () => {
    process.off('exit', abandon);
    await postgres[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
}
