import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/postgres/embedded.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { soon } from '../world.ts';
import type { Behind } from './postgres-proxy.ts';

/** A PostgreSQL of one test alone, to be stopped and changed as a whole. */
export interface OwnPostgres extends AsyncDisposable {
  readonly address: Behind;
  readonly folder: string;
  /** Ends it as an operator would: sessions are cut off, nothing is lost. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-faults-'));
  chmodSync(folder, 0o755);
  // Owned by nobody: then it stays down when it is stopped here.
  const launch = () =>
    startEmbeddedPostgres({ dataDir: folder, durable: false, owner: 'nobody', log: pino({ level: 'silent' }) });
  let running: EmbeddedPostgres | undefined = await launch();
  const address = running.address as Behind;
  const db = openDatabase(address, () => {}, 1);
  await migrate(db);
  await db.destroy();
  const stop = async (): Promise<void> => {
    const stopped = running;
    running = undefined;
    if (stopped?.pid === undefined) return;
    process.kill(stopped.pid, 'SIGINT');
    await soon(async () => expect(stopped.processes()).toEqual([]));
    await stopped[Symbol.asyncDispose]();
  };
  return {
    address,
    folder,
    stop,
    start: async () => {
      running = await launch();
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
