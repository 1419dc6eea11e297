import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { startObjectServer, type ObjectServer } from '../../test/object-server.ts';
import { claimName } from '../pr-jobs/store/names.ts';
import type { Database } from '../store/database.ts';
import { ensureScheduledSweep, scheduledSweep } from '../store/sweeps.ts';
import { createPass, type PrJobsToSweep } from './pass.ts';
import { sweepPrJobs } from './pr-jobs.ts';

interface Swept {
  /** As `kind subject`. */
  readonly found: readonly string[];
  /** Of this pass, as `METHOD path`. */
  readonly calls: readonly string[];
}

interface Fixture {
  db: Database;
  cluster: ObjectServer;
  /** One pass over the names of the namespace `builds`. */
  sweep: (options?: Partial<PrJobsToSweep> & { dryRun?: boolean }) => Promise<Swept>;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  cluster: async ({}, use) => {
    await using server = await startObjectServer();
    await use(server);
  },
  sweep: async ({ db, cluster }, use) => {
    await ensureScheduledSweep(db);
    using claim = await claimFor(db, { kind: 'sweep', key: scheduledSweep });
    await use(async ({ dryRun = false, ...options } = {}) => {
      const calls: string[] = [];
      const { each } = cluster.before;
      cluster.before.each = async (method, path) => {
        calls.push(`${method} ${path}`);
        return each(method, path);
      };
      const pass = createPass(
        {
          db,
          cluster: cluster.cluster,
          github: undefined,
          drafts: 'skip',
          limits: {} as never,
          graceMs: 600_000,
          log: pino({ level: 'silent' }),
          prJobs: {
            clusters: { at: async () => ({ key: '', cluster: cluster.cluster }) },
            instance: 'a1',
            namespaces: ['builds'],
            named: [],
            ...options,
          },
        },
        { claim, dryRun, mostRemovals: 10 },
      );
      await sweepPrJobs(pass, undefined);
      cluster.before.each = each;
      return { found: pass.findings.map(({ kind, subject }) => `${kind} ${subject}`), calls };
    });
  },
});

const jobOf = (name: string) => `pr-job-${name}-1767225600000`;
const marks = (name: string) => ({
  'created-by': 'catalyst-web-app',
  'pr-name': name,
  'ephemera.dev/instance': 'a1',
});

function put(
  { objects }: ObjectServer,
  path: string,
  object: { kind: string; labels?: object; status?: object },
): void {
  const { kind, labels = {}, ...rest } = object;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const metadata = { name, namespace: 'builds', uid: path, labels: { ...labels } };
  objects.set(path, { apiVersion: kind === 'ConfigMap' ? 'v1' : 'apps/v1', kind, metadata, ...rest });
}

const ofName = (labels: object, status: object) => ({ kind: 'Job', labels, spec: {}, status });

function putJob(cluster: ObjectServer, name: string, condition?: string): void {
  const conditions = condition === undefined ? [] : [{ type: condition, status: 'True' }];
  const object = ofName({ app: 'catalyst-pr-job', ...marks(name) }, { conditions });
  put(cluster, `/apis/batch/v1/namespaces/builds/jobs/${jobOf(name)}`, object);
}

const builderPath = (name: string) => `/apis/apps/v1/namespaces/builds/deployments/${jobOf(name)}`;
const mapPath = (name: string) => `/api/v1/namespaces/builds/configmaps/${jobOf(name)}-config`;

/** As buildx leaves it: the Deployment with our labels, or in old versions without, and a ConfigMap that never has any. */
function putBuilder(cluster: ObjectServer, name: string, labels: object = marks(name)): void {
  put(cluster, builderPath(name), { kind: 'Deployment', labels });
  put(cluster, mapPath(name), { kind: 'ConfigMap' });
}

/** A row whose last create was so many minutes ago. */
async function use(db: Database, name: string, minutesAgo = 3): Promise<void> {
  const place = { cluster: '', namespace: 'builds', name };
  await claimName(db, { ...place, repositoryId: null, repositoryFullName: null, claimedBy: 'token ci' });
  await sql`update pr_job_names set used_at = now() - ${minutesAgo} * interval '1 minute' where name = ${name}`.execute(
    db,
  );
}

async function rows(db: Database): Promise<string[]> {
  return (await db.selectFrom('prJobNames').select('name').orderBy('name').execute()).map(({ name }) => name);
}

const several = (count: number) => Array.from({ length: count }, (_, index) => `shop-${index + 10}`);

test('a pass over names that all are as they should be asks the cluster as often for thirty as for one', async ({
  db,
  cluster,
  sweep,
}) => {
  await use(db, 'shop-9');
  putJob(cluster, 'shop-9');
  putBuilder(cluster, 'shop-9');
  const ofOne = await sweep();
  expect(ofOne.found).toEqual([]);
  for (const name of several(30)) {
    await use(db, name);
    putJob(cluster, name);
    putBuilder(cluster, name);
  }
  const ofMany = await sweep();
  expect(ofMany.found).toEqual([]);
  expect(ofMany.calls.toSorted()).toEqual(ofOne.calls.toSorted());
  expect(await rows(db)).toHaveLength(31);
});

test('of many names only those whose job has ended or is gone are looked at, with builders that nobody has labelled', async ({
  db,
  cluster,
  sweep,
}) => {
  for (const name of several(20)) {
    await use(db, name);
    putJob(cluster, name);
    putBuilder(cluster, name);
  }
  for (const name of ['ended', 'killed', 'old-buildx']) {
    await use(db, name);
    putBuilder(cluster, name, name === 'old-buildx' ? {} : marks(name));
  }
  putJob(cluster, 'ended', 'Complete');
  const told = await sweep();
  expect(told.found.toSorted()).toEqual([
    'left_by_pr_job pr-job builds/ended',
    'left_by_pr_job pr-job builds/killed',
    'left_by_pr_job pr-job builds/old-buildx',
  ]);
  const removed = told.calls.filter((call) => call.startsWith('DELETE')).toSorted();
  const expected = ['ended', 'killed', 'old-buildx'].flatMap((name) => [builderPath(name), mapPath(name)]);
  expect(removed).toEqual(expected.map((path) => `DELETE ${path}`).toSorted());
  const accounts = told.calls.filter((call) => call.includes('/serviceaccounts/'));
  expect(new Set(accounts)).toEqual(
    new Set(
      ['ended', 'killed', 'old-buildx'].map(
        (name) => `GET /api/v1/namespaces/builds/serviceaccounts/${name}-buildx-sa`,
      ),
    ),
  );
});

test('names of which the cluster has nothing are forgotten without a look at each; a dry run forgets none', async ({
  db,
  cluster,
  sweep,
}) => {
  for (const name of several(20)) await use(db, name);
  await use(db, 'just-now', 0);
  await use(db, 'working');
  putJob(cluster, 'working');
  await sweep({ dryRun: true });
  expect(await rows(db)).toHaveLength(22);
  const { found, calls } = await sweep();
  expect(found).toEqual([]);
  expect(calls.length).toBeLessThan(20);
  expect(await rows(db)).toEqual(['just-now', 'working']);
});

test('a name that is used again while its namespace is listed is not forgotten', async ({ db, cluster, sweep }) => {
  await use(db, 'shop-12');
  cluster.before.each = async (_method, path) => {
    if (path.endsWith('/jobs')) await use(db, 'shop-12', 0);
    return undefined;
  };
  await sweep();
  expect(await rows(db)).toEqual(['shop-12']);
});

test('a pass sees to so many names and no more: those that have waited longest; the others are told and come next', async ({
  db,
  cluster,
  sweep,
}) => {
  const names = several(5);
  for (const [index, name] of names.entries()) {
    await use(db, name, 60 - index);
    putJob(cluster, name, 'Failed');
    putBuilder(cluster, name);
  }
  // Nothing of this one can be removed, ever.
  const [first = ''] = names;
  cluster.before.each = (method, path) =>
    method === 'DELETE' && path.includes(jobOf(first)) ? { code: 403, reason: 'Forbidden' } : undefined;
  const left = (name: string) => `left_by_pr_job pr-job builds/${name}`;
  const stuck = `stuck_pr_job pr-job builds/${first}`;
  expect((await sweep({ mostNames: 2 })).found).toEqual([stuck, left('shop-11'), 'waiting_pr_jobs pull-request jobs']);
  expect((await sweep({ mostNames: 2 })).found).toEqual([
    left('shop-12'),
    left('shop-13'),
    'waiting_pr_jobs pull-request jobs',
  ]);
  expect((await sweep({ mostNames: 2 })).found).toEqual([left('shop-14'), stuck]);
});

test('a cluster that takes too long for its lists is told when the time of the pass is over, and its names wait', async ({
  db,
  cluster,
  sweep,
}) => {
  await use(db, 'shop-12');
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  cluster.before.each = (_method, path) => (path.endsWith('/configmaps') ? released : undefined);
  const before = performance.now();
  const { found } = await sweep({ boxMs: 500 });
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(found).toEqual(['unreadable pull-request jobs in builds']);
  expect(await rows(db)).toEqual(['shop-12']);
  release(undefined);
});

test('where nothing may be listed nothing is said, until a name is known there', async ({ db, cluster, sweep }) => {
  cluster.before.each = (_method, path) =>
    path.includes('/namespaces/builds/') ? { code: 403, reason: 'Forbidden' } : undefined;
  expect((await sweep()).found).toEqual([]);
  await use(db, 'shop-12');
  expect((await sweep()).found).toEqual(['unreadable pull-request jobs in builds']);
  expect(await rows(db)).toEqual(['shop-12']);
});

test('a problem is forgotten when nothing is left to do', async ({ db, cluster, sweep }) => {
  await use(db, 'shop-12');
  putJob(cluster, 'shop-12');
  await sql`update pr_job_names set problem = 'not today'`.execute(db);
  await sweep({ dryRun: true });
  expect(await db.selectFrom('prJobNames').select('problem').execute()).toEqual([{ problem: 'not today' }]);
  await sweep();
  expect(await db.selectFrom('prJobNames').select('problem').execute()).toEqual([{ problem: null }]);
});
