import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Address } from '../store/database.ts';

/** Whether PostgreSQL accepts a connection in time. Gives up early when `whileTrue` no longer holds. */
export async function answersWithin(address: Address, timeoutMs: number, whileTrue: () => boolean): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && whileTrue()) {
    const client = new pg.Client({ ...address, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return true;
    } catch {
      await wait(20);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}
