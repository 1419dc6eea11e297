import type { GitHub, Installation, OpenPull, RepositoryName } from '@ephemera/github';
import type { Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import { created, intend } from '../ledger/ledger.ts';
import type { Database } from '../store/database.ts';
import { environmentById } from '../store/environments.ts';
import { installationById, noteInstallation } from '../store/installations.ts';
import { repositoryById, saveRepository } from '../store/repositories.ts';
import type { Sweep } from '../store/schema.ts';
import { ensureScheduledSweep, latestSweep, sweepById } from '../store/sweeps.ts';
import { finish } from '../store/work.ts';
import { askSweep } from './ask.ts';
import { sweep } from './sweep.ts';

/** What GitHub and the cluster say; an error is thrown where it stands in place of an answer. */
interface Says {
  installations: Installation[] | Error;
  /** By installation. */
  repositories: Record<number, RepositoryName[] | Error>;
  /** By repository. */
  pulls: Record<string, OpenPull[] | Error>;
  namespaces: KubeObject[] | Error;
  /** The installation by its id. Default: as the list says. */
  byId?: Installation;
  /** Under its name, by itself. Default: as the lists say. */
  named?: RepositoryName;
}

interface Fixture {
  db: Database;
  says: Says;
  removed: string[];
  logged: { level: number; msg: string }[];
  /** One asked pass, to its end. */
  pass: (options?: { dryRun?: boolean; graceMs?: number }) => Promise<Sweep>;
}

const acme = installation(5);
const umbrella = installation(6);

function installation(id: number): Installation {
  return { id, account: `account-${id}`, suspended: false, permissions: { checks: 'write' }, events: [] };
}

function answer<Value>(said: Value | Error | undefined): Value {
  if (said instanceof Error) throw said;
  if (said === undefined) throw new Error('nobody was meant to ask this');
  return said;
}

const limits = {
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

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  says: async ({}, use) => {
    const repositories = { 5: [{ id: 42, fullName: 'acme/shop' }] };
    await use({ installations: [acme], repositories, pulls: { 'acme/shop': [] }, namespaces: [] });
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  removed: async ({}, use) => {
    await use([]);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  logged: async ({}, use) => {
    await use([]);
  },
  pass: async ({ db, says, removed, logged }, use) => {
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as Fixture['logged'][number]) });
    const all = () => Object.values(says.repositories).flatMap((list) => (list instanceof Error ? [] : list));
    const github = {
      installations: async () => answer(says.installations),
      installation: async (id: number) => says.byId ?? answer(says.installations).find((one) => one.id === id),
      repositories: async (id: number) => answer(says.repositories[id]),
      openPullRequests: async ({ fullName }) => answer(says.pulls[fullName]),
      repository: async ({ fullName }) => says.named ?? all().find((one) => one.fullName === fullName),
    } satisfies Partial<GitHub> as unknown as GitHub;
    const cluster = {
      owner: { instance: 'a1' },
      ours: 'ephemera.dev/instance=a1',
      list: async (kind: string) => ({
        items: kind === 'v1/Namespace' ? answer(says.namespaces) : [],
        resourceVersion: '1',
      }),
      get: async () => undefined,
      remove: async ({ name }: { name: string }, { uid }: { uid?: string } = {}) => {
        removed.push(`${name} ${uid}`);
        return { state: 'gone' };
      },
    } as unknown as Cluster;
    await use(async ({ dryRun = false, graceMs = 0 } = {}) => {
      const { id } = await askSweep(db, { dryRun });
      await db.deleteFrom('work').where('kind', '!=', 'sweep').execute();
      using claim = await claimFor(db, { kind: 'sweep', key: String(id) });
      await sweep({ db, cluster, github, drafts: 'include', limits, graceMs, everyMs: 180_000, log })(claim);
      await finish(db, claim.lease, 1);
      const row = await sweepById(db, id);
      if (!row) throw new Error('the pass has lost its row');
      return row;
    });
  },
});

async function openEnvironments(
  db: Database,
  count: number,
  change: { repositoryId?: number; installationId?: number } = {},
) {
  for (let prNumber = 1; prNumber <= count; prNumber += 1) {
    const namespace = `pr-${prNumber}-${change.repositoryId ?? 42}`;
    await storeEnvironment(db, { prNumber, namespace, status: 'pending', ...change });
  }
  const { repositoryId: id = 42, installationId = 5 } = change;
  await saveRepository(db, { id, installationId, fullName: 'acme/shop' });
  // Written before the pass, not in the same millisecond.
  await sql`update environments set updated_at = now() - interval '1 minute'`.execute(db);
}

const due = async (db: Database) => {
  const rows = await db.selectFrom('work').select(['kind', 'key']).execute();
  return rows.map(({ kind, key }) => `${kind} ${key}`).toSorted();
};
const kinds = ({ findings }: Sweep) => findings.map(({ kind, subject, action }) => `${kind} ${subject} ${action}`);
const pull = (number: number): OpenPull => ({ number, headSha: shaOf('a'), title: 'x', draft: false, authorId: 7 });

test('case 11: what would close more than a pass may is cut off at the cap, told, and cried out once', async ({
  db,
  pass,
  logged,
}) => {
  await openEnvironments(db, 25);
  const row = await pass();
  expect(row).toMatchObject({ state: 'done', complete: true, capped: true });
  const actions = row.findings.map(({ action }) => action);
  expect(actions.filter((action) => action === 'enqueued')).toHaveLength(10);
  expect(actions.filter((action) => action === 'capped')).toHaveLength(15);
  expect((await due(db)).filter((work) => work.startsWith('pull-request'))).toHaveLength(10);
  expect(logged.filter(({ level }) => level === 50)).toHaveLength(1);
});

test('an installation or a repository that cannot be read stops nothing else, and nothing is concluded from it', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 1);
  await openEnvironments(db, 1, { repositoryId: 77, installationId: 6 });
  says.installations = [umbrella, acme];
  says.repositories = {
    5: [
      { id: 41, fullName: 'acme/broken' },
      { id: 42, fullName: 'acme/shop' },
    ],
    6: new Error('500'),
  };
  says.pulls = { 'acme/broken': new Error('cut'), 'acme/shop': [pull(1), pull(2)] };
  const row = await pass();
  expect(kinds(row)).toEqual([
    'unreadable installation 6 (account-6) reported',
    'unreadable acme/broken reported',
    'missed_open acme/shop#2 enqueued',
  ]);
  expect(row).toMatchObject({ complete: false, capped: false });
  expect((await repositoryById(db, 77))?.missingSince).toBeNull();
});

test('a dry run finds the same and changes nothing', async ({ db, says, pass }) => {
  await openEnvironments(db, 1);
  await openEnvironments(db, 1, { repositoryId: 77 });
  says.pulls = { 'acme/shop': [pull(2)] };
  const before = await db.selectFrom('environments').selectAll().orderBy('id').execute();
  const row = await pass({ dryRun: true });
  expect(kinds(row)).toEqual([
    'missed_open acme/shop#2 enqueued',
    'missed_close acme/shop#1 enqueued',
    'missing_repository acme/shop reported',
  ]);
  expect(await due(db)).toEqual([]);
  expect(await db.selectFrom('environments').selectAll().orderBy('id').execute()).toEqual(before);
  expect((await repositoryById(db, 77))?.missingSince).toBeNull();
  expect((await installationById(db, 5))?.permissions ?? null).toBeNull();
});

test('an uninstalled App is found by its absence and a 404, and its environments end as far as the cap goes', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 12);
  await noteInstallation(db, 5);
  says.installations = [];
  const row = await pass();
  expect(kinds(row)[0]).toBe('missed_uninstall installation 5 reported');
  expect(row.capped).toBe(true);
  expect(await installationById(db, 5)).toMatchObject({ state: 'removed' });
  const ended = () => db.selectFrom('environments').select('id').where('reason', '=', 'installation.removed').execute();
  expect(await ended()).toHaveLength(10);
  expect((await pass()).capped).toBe(false);
  expect(await ended()).toHaveLength(12);
});

test('installations that cannot be listed end nothing', async ({ db, says, pass }) => {
  await openEnvironments(db, 1);
  await noteInstallation(db, 5);
  says.installations = new Error('GitHub is down');
  const row = await pass();
  expect(kinds(row)).toEqual(['unreadable installations reported']);
  expect(await installationById(db, 5)).toMatchObject({ state: 'active' });
  expect(await environmentById(db, 1)).toMatchObject({ wantedState: 'open' });
});

test('a repository that no list shows loses its environments only after the grace, and never while GitHub shows it by name', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 1);
  says.repositories = { 5: [] };
  expect(kinds(await pass({ graceMs: 60_000 }))).toEqual(['missing_repository acme/shop reported']);
  expect(kinds(await pass({ graceMs: 60_000 }))).toEqual(['missing_repository acme/shop reported']);
  await sql`update repositories set missing_since = now() - interval '2 minutes'`.execute(db);

  // It may have moved to where nothing can be read.
  says.installations = [acme, umbrella];
  says.repositories = { 5: [], 6: new Error('cut') };
  expect(kinds(await pass({ graceMs: 60_000 }))).toEqual(['unreadable installation 6 (account-6) reported']);
  expect(await environmentById(db, 1)).toMatchObject({ wantedState: 'open' });

  says.repositories = { 5: [], 6: [] };
  says.named = { id: 42, fullName: 'acme/shop' };
  expect(kinds(await pass({ graceMs: 60_000 }))).toEqual(['unreadable acme/shop reported']);
  expect(await environmentById(db, 1)).toMatchObject({ wantedState: 'open' });

  says.named = { id: 43, fullName: 'acme/shop' };
  expect(kinds(await pass({ graceMs: 60_000 }))).toEqual(['gone_repository acme/shop#1 removed']);
  expect(await environmentById(db, 1)).toMatchObject({ wantedState: 'closed', reason: 'repository.gone', held: false });
  expect(await due(db)).toContain('environment 1');
});

test('a repository that no list shows keeps its environments while an installation is suspended: it may have moved there', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 1);
  says.installations = [acme, { ...umbrella, suspended: true }];
  says.repositories = { 5: [] };
  await pass({ graceMs: 60_000 });
  await sql`update repositories set missing_since = now() - interval '2 minutes'`.execute(db);
  const row = await pass({ graceMs: 60_000 });
  expect(kinds(row)).toEqual(['missing_repository acme/shop reported']);
  expect(row.findings[0]?.detail).toContain('installation 6 (account-6)');
  expect(await environmentById(db, 1)).toMatchObject({ wantedState: 'open' });
  says.installations = [acme, umbrella];
  says.repositories = { 5: [], 6: [] };
  expect(kinds(await pass({ graceMs: 60_000 }))).toEqual(['gone_repository acme/shop#1 removed']);
});

test('an installation that is in no list but is there by its id makes the pass incomplete, and ends nothing', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 1);
  await noteInstallation(db, 5);
  says.installations = [];
  says.byId = acme;
  const row = await pass();
  expect(kinds(row)).toEqual(['unreadable installation 5 reported']);
  expect(row.complete).toBe(false);
  expect(await environmentById(db, 1)).toMatchObject({ wantedState: 'open' });
});

test('a held environment whose pull request is not open any more is looked at, the newest generation alone, and it counts as no removal', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 11);
  const held = { wantedState: 'closed', status: 'destroyed', held: true } as const;
  await storeEnvironment(db, { ...held, prNumber: 20, namespace: 'pr-20' });
  await storeEnvironment(db, { ...held, prNumber: 21, namespace: 'pr-21' });
  await storeEnvironment(db, { ...held, held: false, prNumber: 21, generation: 2, namespace: 'pr-21-2' });
  await sql`update environments set updated_at = now() - interval '1 minute'`.execute(db);
  says.pulls = { 'acme/shop': Array.from({ length: 10 }, (_, index) => pull(index + 1)) };
  const row = await pass();
  expect(kinds(row)).toEqual(['missed_close acme/shop#11 enqueued', 'missed_close acme/shop#20 enqueued']);
  expect(await due(db)).toEqual(['pull-request 42/11', 'pull-request 42/20']);
});

const namespaceOf = (name: string, change: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    uid: `uid-of-${name}`,
    labels: { 'ephemera.dev/instance': 'a1' },
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...change,
  },
});

test('a namespace that no row knows goes only when it is old, a complete pass has seen it before, and this one reads GitHub to the end', async ({
  says,
  pass,
  removed,
}) => {
  says.namespaces = [namespaceOf('strange')];
  const orphan = (action: string) => `orphan_namespace Namespace//strange ${action}`;
  expect(kinds(await pass())).toEqual([orphan('reported')]);
  says.pulls = { 'acme/shop': new Error('cut') };
  expect(kinds(await pass())).toEqual(['unreadable acme/shop reported', orphan('reported')]);
  says.pulls = { 'acme/shop': [] };
  expect(kinds(await pass({ graceMs: 1e15 }))).toEqual([orphan('reported')]);
  expect(removed).toEqual([]);
  expect(kinds(await pass({ dryRun: true }))).toEqual([orphan('removed')]);
  expect(removed).toEqual([]);
  expect(kinds(await pass())).toEqual([orphan('removed')]);
  expect(removed).toEqual(['strange uid-of-strange']);
});

test('namespaces that cannot be listed are no missing ones; one that is missing has its environment looked at', async ({
  db,
  says,
  pass,
}) => {
  await openEnvironments(db, 2);
  says.pulls = { 'acme/shop': [pull(1), pull(2)] };
  const [made, onItsWay] = ['pr-1-42', 'pr-2-42'];
  await intend(db, 1, { apiVersion: 'v1', kind: 'Namespace', name: made });
  await created(db, 1, { apiVersion: 'v1', kind: 'Namespace', name: made }, 'uid-1');
  await intend(db, 2, { apiVersion: 'v1', kind: 'Namespace', name: onItsWay });
  says.namespaces = new Error('the API server is away');
  const blind = await pass();
  expect(kinds(blind)).toEqual(['unreadable cluster reported']);
  expect(blind.complete).toBe(false);
  expect(await due(db)).toEqual([]);

  says.namespaces = [];
  expect(kinds(await pass())).toEqual([`missing_namespace Namespace//${made} enqueued`]);
  expect(await due(db)).toEqual(['environment 1']);
});

test('the regular sweep is asked for once, comes back after its time, and says what became of one that was cut off', async ({
  db,
}) => {
  await ensureScheduledSweep(db);
  await ensureScheduledSweep(db);
  await db.insertInto('sweeps').values({ askedBy: 'schedule', state: 'running' }).execute();
  using claim = await claimFor(db, { kind: 'sweep', key: 'scheduled' });
  const cluster = { ours: 'x', owner: { instance: 'a1' }, list: async () => ({ items: [] }) } as unknown as Cluster;
  const log = pino({ level: 'silent' });
  const deps = { db, cluster, github: undefined, drafts: 'include', limits, graceMs: 0, everyMs: 7_000, log } as const;
  expect(await sweep(deps)(claim)).toMatchObject({ kind: 'again', afterMs: 7_000 });
  expect(await sweepById(db, 1)).toMatchObject({ state: 'failed', error: expect.stringContaining('ended') as unknown });
  // Without a GitHub App no pass is complete, and it says why.
  expect(await latestSweep(db)).toMatchObject({ state: 'done', complete: false, askedBy: 'schedule' });
});

test('a pass tidies up: deliveries of last week, writes of the last hour, and all but a hundred passes', async ({
  db,
  pass,
}) => {
  await sql`insert into deliveries (delivery_id, event, outcome, received_at)
    values ('old', 'x', 'ignored', now() - interval '8 days'), ('new', 'x', 'ignored', now() - interval '6 days')`.execute(
    db,
  );
  await sql`insert into github_writes (installation_id, at)
    values (5, now() - interval '61 minutes'), (5, now() - interval '59 minutes')`.execute(db);
  await sql`insert into sweeps (asked_by, state) select 'schedule', 'done' from generate_series(1, 120)`.execute(db);
  await pass({ dryRun: true });
  expect(await db.selectFrom('deliveries').select('deliveryId').execute()).toHaveLength(2);
  await pass();
  expect(await db.selectFrom('deliveries').select('deliveryId').execute()).toEqual([{ deliveryId: 'new' }]);
  expect(await db.selectFrom('githubWrites').select('at').execute()).toHaveLength(1);
  expect(await db.selectFrom('sweeps').select('id').execute()).toHaveLength(100);
});
