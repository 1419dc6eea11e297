import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Address } from '../store/database.ts';

/** Whoever holds this session lock stops the database at its own end; anybody else is a guest. */
const ownerLock = 727_002;

/** The connection that holds the lock, or undefined when a living server has it, still after `patienceMs`. */
export async function claimOwnership(address: Address, patienceMs = 2_000): Promise<pg.Client | undefined> {
  const client = new pg.Client({ ...address, keepAlive: true });
  client.on('error', () => {});
  await client.connect();
  const deadline = performance.now() + patienceMs;
  do {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [ownerLock]);
    if (rows[0]?.mine) return client;
    // The backend of a server that was just killed lets go in a moment; a living server keeps it.
    await wait(50);
  } while (performance.now() < deadline);
  await client.end();
  return undefined;
}

/** Gives it back: when this returns, others can have it. */
export async function releaseOwnership(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_unlock($1)', [ownerLock]);
  await client.end();
}
