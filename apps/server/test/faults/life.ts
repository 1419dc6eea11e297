import type { FakeGitHub, FakePull, FakeRepository } from '@ephemera/fake-github';
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { soon, told } from '../world.ts';
import { tapEffects, type CrashPoint } from './effect-tap.ts';
import { endOf, type EndState } from './end-state.ts';
import { patience, redeliver, setStage } from './stage.ts';

/** What happens to a pull request, in this order. */
export const phases = ['opened', 'synchronize', 'closed'] as const;
export type Phase = (typeof phases)[number];

/** Where the server is killed: at most once while each of these is under way. */
export type Kills = Readonly<Partial<Record<Phase, CrashPoint>>>;

export interface Life {
  /** By phase, in their order. Of a phase with a kill, up to the kill. */
  readonly effects: Readonly<Record<Phase, readonly string[]>>;
  /** The phases in which the server was killed where it should be. */
  readonly killedIn: readonly Phase[];
  readonly end: EndState;
}

export interface Birth {
  readonly github: FakeGitHub;
  /** A repository that nobody else uses. */
  readonly repository: FakeRepository;
}

/**
 * The whole life of one pull request, with a real server as a process of its own, on a database and an instance of its own.
 * At each of the points the server is killed and another one is started on the same database; GitHub then redelivers what nobody
 * acknowledged.
 */
export async function live({ github, repository }: Birth, kills: Kills = {}): Promise<Life> {
  await using stage = await setStage({ github });
  let server = await stage.start();
  // What a server does first of all by itself (a sweep) is no part of this life.
  await soon(() => expectNothingToDo(stage.db), patience);
  const effects: Record<Phase, readonly string[]> = { opened: [], synchronize: [], closed: [] };
  const killedIn: Phase[] = [];

  const opened = Promise.withResolvers<FakePull>();
  await during('opened', 'success: The environment is ready', async () => {
    opened.resolve(await repository.open({ head: 'feat/cart', title: 'Add a cart' }));
  });
  const pull = await opened.promise;
  await during('synchronize', 'success: The environment is ready', () => pull.push({ 'cart.js': '2' }));
  await during('closed', 'success: Removed', () => pull.close());
  return { effects, killedIn, end: await endOf(stage, pull) };

  async function during(phase: Phase, shown: string, act: () => Promise<unknown>): Promise<void> {
    using tap = tapEffects({ ...stage, github: stage.api }, kills[phase]);
    let killing = false;
    const killed = tap.reached.then(async () => {
      killing = true;
      await server.kill();
      tap[Symbol.dispose]();
      server = await stage.start();
      await redeliver(github, await opened.promise);
    });
    const settled = async () => settledAt(await opened.promise, stage.db, shown);
    await Promise.race([act().then(settled), killed]);
    if (killing) {
      await killed;
      await settled();
      killedIn.push(phase);
    }
    effects[phase] = tap.recorded;
  }
}

/** When GitHub shows it and there is nothing to do any more, so that no effect slips into the next phase. */
async function settledAt(pull: FakePull, db: Database, shown: string): Promise<void> {
  await soon(async () => {
    expect(told(pull)).toBe(shown);
    expect(pull.view().deliveries.filter(({ ms }) => ms === null)).toEqual([]);
    await expectNothingToDo(db);
  }, patience);
}

/** Leaves out what is parked and what is for later: no server touches either of them without a reason from outside. */
async function expectNothingToDo(db: Database): Promise<void> {
  const { rows } = await sql`
    select kind, attempts, last_error, lease_owner, lease_until, due_at from work
    where parked_at is null and (lease_owner is not null or due_at < now() + interval '1 minute')`.execute(db);
  expect(rows, JSON.stringify(rows)).toEqual([]);
}
