import type { FakeGitHub, FakePull, FakeRepository } from '@ephemera/fake-github';
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { soon, told } from '../world.ts';
import { tapEffects, type CrashPoint, type EffectTap } from './effect-tap.ts';
import { endOf, type EndState } from './end-state.ts';
import { patience, redeliver, setStage } from './stage.ts';

export interface Life {
  readonly effects: readonly string[];
  /** Whether the server was killed where it should be. */
  readonly crashed: boolean;
  readonly end: EndState;
}

export interface Birth {
  readonly github: FakeGitHub;
  /** A repository that nobody else uses. */
  readonly repository: FakeRepository;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * The whole life of one pull request, with a real server as a process of its own, on a database and an instance of its own.
 * With a point the server is killed there and another one is started on the same database; GitHub then redelivers what nobody
 * acknowledged.
 */
export async function live({ github, repository, settings }: Birth, point?: CrashPoint): Promise<Life> {
  await using stage = await setStage({ github, settings });
  const { db } = stage;
  const server = await stage.start();
  await soon(async () => {
    // What a server does first of all by itself (a sweep) is no part of this life.
    const { rows } = await sql`select kind from work where lease_owner is not null or due_at <= now()`.execute(db);
    expect(rows).toEqual([]);
  }, patience);
  using tap = tapEffects({ ...stage, github: stage.api }, 'opened', point);
  let crashed = false;
  const pull = Promise.withResolvers<FakePull>();
  const crash = tap.reached.then(async () => {
    await server.kill();
    crashed = true;
    tap[Symbol.dispose]();
    await stage.start();
    await redeliver(github, await pull.promise);
  });
  const lived = liveThrough({ repository, db, tap, opened: pull.resolve });
  // The life itself never ends the race early: it waits for what only a living server brings about.
  await Promise.race([lived, crash.then(() => lived)]);
  if (crashed) await crash;
  return {
    effects: tap.recorded,
    crashed,
    end: await endOf(stage, await pull.promise),
  };
}

interface Living {
  readonly repository: FakeRepository;
  readonly db: Database;
  readonly tap: EffectTap;
  readonly opened: (pull: FakePull) => void;
}

async function liveThrough({ repository, db, tap, opened }: Living): Promise<void> {
  const pull = await repository.open({ head: 'feat/cart', title: 'Add a cart' });
  opened(pull);
  await until(pull, db, 'success: The environment is ready');
  tap.phase = 'synchronize';
  await pull.push({ 'cart.js': '2' });
  await until(pull, db, 'success: The environment is ready');
  tap.phase = 'closed';
  await pull.close();
  await until(pull, db, 'success: Removed');
}

/** Until GitHub shows it and there is nothing to do for this pull request, so that no effect slips into the next phase. */
async function until(pull: FakePull, db: Database, shown: string): Promise<void> {
  await soon(async () => {
    expect(told(pull)).toBe(shown);
    const { rows } = await sql<{ kind: string; lastError: string | null }>`
      select kind, last_error from work
      where kind in ('pull-request', 'environment', 'report') and (lease_owner is not null or due_at < now() + interval '1 minute')`.execute(
      db,
    );
    expect(rows).toEqual([]);
    expect(pull.view().deliveries.filter(({ ms }) => ms === null)).toEqual([]);
  }, patience);
}
