import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type pg from 'pg';
import { DatabaseUnreachable } from '../errors.ts';
import type { Address } from '../store/database.ts';
import { answersWithin } from './answers.ts';
import { createDatabase, embeddedPlaces, startEmbeddedPostgres } from './embedded.ts';
import { startTimeoutMs } from './launch.ts';
import { claimOwnership, releaseOwnership } from './ownership.ts';
import { isAlive, readPostmaster, stopPostmaster } from './postmaster.ts';

/** The embedded PostgreSQL as a guest sees it. Disposing never takes it away from anybody. */
export interface VisitedPostgres extends AsyncDisposable {
  readonly address: Address;
}

export interface VisitOptions {
  readonly dataDir: string;
  readonly log: Logger;
}

/** How long the last guest waits for others before it leaves the database to them. */
const othersTimeoutMs = 10_000;

/**
 * For commands beside the server: the database that runs is used as it is, also when it hangs; one that does not run is started, and
 * stopped again unless a server has made it its own in the meantime. A guest never owns it, so a server that starts during a visit does.
 */
export async function visitEmbeddedPostgres({ dataDir, log }: VisitOptions): Promise<VisitedPostgres> {
  const { data, addressOf, address } = embeddedPlaces(dataDir);
  const pid = readPostmaster(data);
  if (pid !== undefined && isAlive(pid, data)) {
    if (await answersWithin(addressOf('postgres'), startTimeoutMs, () => isAlive(pid, data))) {
      // Its server may have started it a moment ago.
      await createDatabase(addressOf('postgres'));
      return { address, [Symbol.asyncDispose]: async () => {} };
    }
    if (isAlive(pid, data))
      throw new DatabaseUnreachable({ problem: `the embedded PostgreSQL in ${dataDir} runs but does not answer` });
  }
  const started = await startEmbeddedPostgres({ dataDir, log, owner: 'nobody' });
  return {
    address: started.address,
    [Symbol.asyncDispose]: async () => {
      if (await isNobodys(addressOf('postgres'), log)) await stopPostmaster(data);
    },
  };
}

/** True when no server owns it and nobody else is connected; the ownership that this takes ends with the database. */
async function isNobodys(address: Address, log: Logger): Promise<boolean> {
  const deadline = performance.now() + othersTimeoutMs;
  while (performance.now() < deadline) {
    const claim = await claimOwnership(address, 0);
    if (!claim) return false;
    if (await isAlone(claim)) {
      void claim.end().catch(() => {});
      return true;
    }
    await releaseOwnership(claim);
    await wait(50);
  }
  log.warn('the embedded PostgreSQL is left running, as others still use it; the next server adopts it');
  return false;
}

async function isAlone(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ others: number }>(
    `select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  return rows[0]?.others === 0;
}
