import { fakeHost, type FakeHost } from '@ephemera/sandbox/testing';
import type { SandboxHost } from '@ephemera/sandbox';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { claimSandbox, sandboxReady } from '../sandboxes/store/sandboxes.ts';
import type { Database } from '../store/database.ts';
import type { Sweep } from '../store/schema.ts';
import { ensureScheduledSweep, scheduledSweep } from '../store/sweeps.ts';
import { accountOf } from '../tokens/caller.ts';
import { createToken, revokeToken } from '../tokens/tokens.ts';
import { createPass } from './pass.ts';
import { sweepSandboxes } from './sandboxes.ts';

interface Asked {
  readonly dryRun?: boolean;
  readonly graceMs?: number;
  readonly previous?: readonly string[];
  readonly around?: (host: FakeHost) => SandboxHost;
}

interface Fixture {
  db: Database;
  host: FakeHost;
  /** One pass; what it found, as `kind action`. */
  sweep: (asked?: Asked) => Promise<readonly string[]>;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  host: async ({}, use) => use(fakeHost()),
  sweep: async ({ db, host }, use) => {
    await ensureScheduledSweep(db);
    using claim = await claimFor(db, { kind: 'sweep', key: scheduledSweep });
    await use(
      async ({ dryRun = false, graceMs = 600_000, previous, around = (one: FakeHost): SandboxHost => one } = {}) => {
        const pass = createPass(
          {
            db,
            cluster: {} as never,
            github: undefined,
            drafts: 'skip',
            limits: {} as never,
            graceMs,
            log: pino({ level: 'silent' }),
            sandboxes: { hostIn: () => around(host), namespace: 'boxes' },
          },
          { claim, dryRun, mostRemovals: 10 },
        );
        const findings = previous?.map((subject) => ({ kind: 'orphan_sandbox', subject }));
        await sweepSandboxes(pass, findings && ({ findings } as unknown as Sweep));
        return pass.findings.map(({ kind, action }) => `${kind} ${action}`);
      },
    );
  },
});

/** A sandbox with its row, as a create makes both. */
async function made(
  db: Database,
  host: FakeHost,
  { ready = true, account = 'token:1' }: { readonly ready?: boolean; readonly account?: string } = {},
): Promise<string> {
  const { id, info } = await host.create({});
  await claimSandbox(db, {
    id,
    account,
    madeBy: 'token ci',
    namespace: 'boxes',
    name: undefined,
    image: 'busybox:1',
    expiresMs: 60_000,
    settleMs: 20_000,
    key: undefined,
    most: { ofAccount: 10, inAll: 10 },
  });
  if (ready) await sandboxReady(db, { id, expiresAt: info.expiresAt, answer: {} });
  return id;
}

const ids = async (db: Database) => (await db.selectFrom('sandboxes').select('id').execute()).map(({ id }) => id);
const age = (db: Database) =>
  sql`update sandboxes set settles_at = settles_at - interval '1 minute', expires_at = expires_at - interval '1 day'`.execute(
    db,
  );

test('what runs, and what is being made, is left alone', async ({ db, host, sweep }) => {
  const running = await made(db, host);
  const beingMade = await made(db, host, { ready: false });
  expect(await sweep()).toEqual([]);
  expect((await host.list()).map(({ id }) => id)).toEqual([running, beingMade]);
  expect((await ids(db)).toSorted()).toEqual([running, beingMade].toSorted());
});

test('one whose maker was killed is removed with its row', async ({ db, host, sweep }) => {
  await made(db, host, { ready: false });
  await age(db);
  expect(await sweep({ dryRun: true })).toEqual(['unfinished_sandbox removed']);
  expect(await host.list()).toHaveLength(1);
  expect(await sweep()).toEqual(['unfinished_sandbox removed']);
  expect(await host.list()).toEqual([]);
  expect(await ids(db)).toEqual([]);
});

test('one of a revoked token is removed, and those of other tokens are left alone', async ({ db, host, sweep }) => {
  const order = { scopes: ['sandboxes:write'] };
  const [ci, other] = [
    await createToken(db, { ...order, name: 'ci' }),
    await createToken(db, { ...order, name: 'other' }),
  ];
  await made(db, host, { account: accountOf(ci.stored.id) });
  const kept = await made(db, host, { account: accountOf(other.stored.id) });
  expect(await sweep()).toEqual([]);
  await revokeToken(db, 'ci');
  expect(await sweep({ dryRun: true })).toEqual(['revoked_sandbox removed']);
  expect(await host.list()).toHaveLength(2);
  expect(await sweep()).toEqual(['revoked_sandbox removed']);
  expect((await host.list()).map(({ id }) => id)).toEqual([kept]);
  expect(await ids(db)).toEqual([kept]);
});

test('a row of which the cluster has nothing is forgotten', async ({ db, host, sweep }) => {
  const id = await made(db, host);
  await (await host.find(id)).remove();
  expect(await sweep()).toEqual([]);
  expect(await ids(db)).toEqual([]);
});

test('when the cluster does not answer nothing is forgotten', async ({ db, host, sweep }) => {
  const id = await made(db, host);
  const silent = { ...host, list: async () => Promise.reject(new Error('it does not answer')) };
  expect(await sweep({ around: () => silent })).toEqual(['unreadable reported']);
  expect(await ids(db)).toEqual([id]);
});

test('a database that says alone that the time is over removes nothing', async ({ db, host, sweep }) => {
  const id = await made(db, host);
  await age(db);
  expect(await sweep()).toEqual([]);
  expect(await host.list()).toHaveLength(1);
  const row = await db.selectFrom('sandboxes').selectAll().where('id', '=', id).executeTakeFirst();
  expect(row?.expiresAt.getTime()).toBeGreaterThan(Date.now());
});

test('one of which no row is known is told first, and removed when the pass before has seen it too', async ({
  host,
  sweep,
}) => {
  const { id } = await host.create({});
  const subject = `sandbox boxes/${id}`;
  const place = async () => (await host.list()).length;
  expect(await sweep({ previous: [subject] })).toEqual(['orphan_sandbox reported']);
  expect(await sweep({ graceMs: -60_000 })).toEqual(['orphan_sandbox reported']);
  expect(await place()).toBe(1);
  expect(await sweep({ graceMs: -60_000, previous: [subject] })).toEqual(['orphan_sandbox removed']);
  expect(await place()).toBe(0);
});

test('what cannot be removed is told, and tried again', async ({ db, host, sweep }) => {
  const id = await made(db, host, { ready: false });
  await age(db);
  const stuck = { ...host, find: async () => Promise.reject(new Error('a finalizer holds it')) };
  expect(await sweep({ around: () => stuck })).toEqual(['stuck_sandbox reported']);
  expect(await ids(db)).toEqual([id]);
  expect(await sweep()).toEqual(['unfinished_sandbox removed']);
});
