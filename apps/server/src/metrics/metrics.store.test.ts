import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { openDatabase } from '../store/database.ts';
import { enqueue } from '../store/work.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const log = pino({ level: 'silent' });
const options = { overdueAfterMs: 600_000, writeLimits: { minute: 60, hour: 400 }, log };

interface Fixture {
  database: TestDatabase;
  metrics: Metrics;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  database: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database);
  },
  metrics: async ({ database }, use) => {
    await use(createMetrics({ ...options, db: database.db }));
  },
});

/** The samples of an exposition: `name{labels}` with its value. */
function samples(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

async function shown(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  return samples(await metrics.exposition());
}

test('every metric of the reference is exposed with HELP, and nothing else but the usual ones of a Node program', async ({
  metrics,
}) => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/metrics.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)` \| (\w+)/gm)].map(([, name, type]) => `${name} ${type}`);
  const text = await metrics.exposition();
  const exposed = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  const helped = [...text.matchAll(/^# HELP (\w+) \S+/gm)].map(([, name]) => name);
  expect(exposed.filter((line) => !/^(process|nodejs)_/.test(line)).toSorted()).toEqual(documented.toSorted());
  expect(helped).toEqual(exposed.map((line) => line.split(' ')[0]));
});

test('work is counted by kind and state, with the age of what has been due for longest', async ({
  database,
  metrics,
}) => {
  const { db } = database;
  for (const [kind, key] of [
    ['pull-request', '1/1'],
    ['pull-request', '1/2'],
    ['environment', '7'],
    ['report', '1/1'],
    ['report', '1/2'],
  ] as const) {
    await enqueue(db, { kind, key });
  }
  await sql`update work set due_at = now() - interval '90 seconds' where key = '1/1' and kind = 'pull-request'`.execute(
    db,
  );
  await sql`update work set lease_owner = 'x', lease_until = now() + interval '1 minute' where kind = 'environment'`.execute(
    db,
  );
  await sql`update work set parked_at = now(), attempts = 3 where kind = 'report' and key = '1/1'`.execute(db);
  await sql`update work set not_before = now() + interval '1 hour' where kind = 'report' and key = '1/2'`.execute(db);

  const figures = await shown(metrics);
  expect(figures.get('ephemera_work{kind="pull-request",state="due"}')).toBe(2);
  expect(figures.get('ephemera_work{kind="environment",state="leased"}')).toBe(1);
  expect(figures.get('ephemera_work{kind="report",state="parked"}')).toBe(1);
  expect(figures.get('ephemera_work{kind="report",state="waiting"}')).toBe(1);
  expect(figures.get('ephemera_work{kind="sweep",state="due"}')).toBe(0);
  expect(figures.get('ephemera_work_oldest_due_seconds{kind="pull-request"}')).toBeGreaterThanOrEqual(90);
  expect(figures.get('ephemera_work_oldest_due_seconds{kind="report"}')).toBe(0);
  expect(figures.get('ephemera_work_retrying{kind="report"}')).toBe(1);
  expect(figures.get('ephemera_work_attempts_most{kind="report"}')).toBe(3);
});

test('work whose lease has run out is due again', async ({ database: { db }, metrics }) => {
  await enqueue(db, { kind: 'environment', key: '1' });
  await sql`update work set lease_owner = 'dead', lease_until = now() - interval '1 second'`.execute(db);
  expect((await shown(metrics)).get('ephemera_work{kind="environment",state="due"}')).toBe(1);
});

test('environments are counted by status, and a removal that takes too long stands out', async ({
  database,
  metrics,
}) => {
  const { db } = database;
  await storeEnvironment(db, { prNumber: 1, namespace: 'a' });
  await storeEnvironment(db, {
    prNumber: 2,
    namespace: 'b',
    status: 'failed',
    wantedState: 'closed',
    destroyingSince: new Date(Date.now() - 700_000),
  });
  await storeEnvironment(db, {
    prNumber: 3,
    namespace: 'c',
    status: 'destroying',
    wantedState: 'closed',
    destroyingSince: new Date(),
  });
  const figures = await shown(metrics);
  expect(figures.get('ephemera_environments{status="ready"}')).toBe(1);
  expect(figures.get('ephemera_environments{status="destroying"}')).toBe(1);
  expect(figures.get('ephemera_environments{status="pending"}')).toBe(0);
  expect(figures.get('ephemera_removals_overdue')).toBe(1);
});

test('the last sweep shows what it found; a dry run and texts of strangers are no figures', async ({
  database,
  metrics,
}) => {
  const { db } = database;
  expect([...(await shown(metrics)).keys()].filter((name) => name.startsWith('ephemera_sweep_age'))).toEqual([]);
  const finding = (kind: string) => ({ kind, subject: 'acme/shop#12', action: 'reported', detail: 'x' });
  const pass = (findings: object[], more: object = {}) =>
    db
      .insertInto('sweeps')
      .values({
        askedBy: 'schedule',
        state: 'done',
        complete: true,
        finishedAt: new Date(Date.now() - 60_000),
        findings: JSON.stringify(findings),
        ...more,
      })
      .execute();
  await pass([finding('missed_close')], { finishedAt: new Date(Date.now() - 3_600_000), capped: true });
  await pass([finding('orphan_namespace'), finding('orphan_namespace'), finding('missed_open'), finding('feat/"x" 1')]);
  await pass([finding('unreadable')], { dryRun: true, finishedAt: new Date() });

  const figures = await shown(metrics);
  expect(figures.get('ephemera_sweep_age_seconds{pass="complete"}')).toBeGreaterThanOrEqual(60);
  expect([...figures].filter(([name]) => name.startsWith('ephemera_sweep_findings'))).toEqual([
    ['ephemera_sweep_findings{kind="missed_open"}', 1],
    ['ephemera_sweep_findings{kind="orphan_namespace"}', 2],
  ]);
  expect(figures.get('ephemera_namespaces_leaked')).toBe(2);
  expect(figures.get('ephemera_sweep_capped_last_day')).toBe(1);
  expect(figures.get('ephemera_sweep_missed_events_last_day')).toBe(2);
});

test('GitHub’s budget is shown for each installation beside its limit, and who is left alone is counted', async ({
  database: { db },
  metrics,
}) => {
  await sql`insert into installations (id, state, paused_until) values (5, 'active', now() + interval '1 hour'), (6, 'suspended', null)`.execute(
    db,
  );
  await sql`insert into github_writes (installation_id, at) values (5, now()), (5, now() - interval '10 minutes'), (5, now() - interval '2 hours')`.execute(
    db,
  );
  const figures = await shown(metrics);
  expect(figures.get('ephemera_github_writes{installation="5",window="minute"}')).toBe(1);
  expect(figures.get('ephemera_github_writes{installation="5",window="hour"}')).toBe(2);
  expect(figures.get('ephemera_github_write_limit{window="minute"}')).toBe(60);
  expect(figures.get('ephemera_github_installations_paused')).toBe(1);
  expect(figures.get('ephemera_github_installations{state="suspended"}')).toBe(1);
});

test('what was true at one scrape and no longer is, is gone at the next one', async ({ database: { db }, metrics }) => {
  await sql`insert into github_writes (installation_id) values (5)`.execute(db);
  expect((await shown(metrics)).has('ephemera_github_writes{installation="5",window="hour"}')).toBe(true);
  await sql`delete from github_writes`.execute(db);
  expect((await shown(metrics)).has('ephemera_github_writes{installation="5",window="hour"}')).toBe(false);
});

test('without a database the metrics say so, and show nothing of it that could be taken for empty', async () => {
  const nowhere = openDatabase({ connectionString: 'postgresql://nobody@127.0.0.1:1/none' }, () => {});
  const metrics = createMetrics({ ...options, db: nowhere });
  metrics.delivered('accepted');
  const figures = await shown(metrics);
  expect(figures.get('ephemera_database_up')).toBe(0);
  expect(figures.get('ephemera_deliveries_total{outcome="accepted"}')).toBe(1);
  expect(figures.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  expect([...figures.keys()].filter((name) => /^ephemera_(work\{|environments|sweep|removals)/.test(name))).toEqual([]);
  await nowhere.destroy();
});

test('runs of work are counted by how they ended, and a lost lease is one of these ends', async ({ metrics }) => {
  metrics.ran({ kind: 'environment', outcome: 'done', ms: 40 });
  metrics.ran({ kind: 'environment', outcome: 'lease_lost', ms: 90 });
  metrics.reached('ready', 3);
  metrics.reached('destroyed', 6);
  metrics.watchAlive();
  const figures = await shown(metrics);
  expect(figures.get('ephemera_work_runs_total{kind="environment",outcome="done"}')).toBe(1);
  expect(figures.get('ephemera_work_runs_total{kind="environment",outcome="lease_lost"}')).toBe(1);
  expect(figures.get('ephemera_work_run_seconds_bucket{le="0.05",kind="environment"}')).toBe(1);
  expect(figures.get('ephemera_environment_ready_seconds_sum')).toBe(3);
  expect(figures.get('ephemera_environment_gone_seconds_count')).toBe(1);
  expect(figures.get('ephemera_watch_age_seconds{kind="Namespace"}')).toBeLessThan(5);
});
