import { createObject, kubectl } from '@ephemera/local-cluster/kubectl';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cloneDatabase, type TestDatabase } from './database.ts';
import { leaveBuilder, prJobNamespace, type PrJobNamespace } from './pr-job-namespace.ts';
import { prJobsApi, type PrJobsApi } from './pr-jobs-api.ts';
import { found, type ShownSweep } from './sweep-now.ts';
import { soon, startWorld, type World } from './world.ts';

interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly jobs: PrJobsApi;
  readonly namespace: PrJobNamespace;
  readonly db: TestDatabase['db'];
}

/** A server with a namespace of its own for jobs; the sweep that comes by itself stays away. */
async function startStage(
  settings: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const namespace = stack.use(await prJobNamespace());
  const database = stack.use(await cloneDatabase());
  const world = stack.use(
    await startWorld({
      environment,
      settings: {
        DATABASE_URL: database.url,
        SWEEP_EVERY_SECONDS: '86400',
        PR_JOBS_NAMESPACES: namespace.name,
        PR_JOBS_IMAGES: 'busybox:1',
        ...settings,
      },
    }),
  );
  const token = await world.server.createToken({ name: 'jobs', scopes: ['admin'] });
  await soon(async () => {
    const [first] = await world.api<{ state: string }[]>('/api/v1/sweeps');
    expect(first?.state).toBe('done');
  });
  const owned = stack.move();
  return {
    world,
    jobs: prJobsApi(world.server.url, `Bearer ${token}`),
    namespace,
    db: database.db,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As if the last create of every name were three minutes ago. */
async function settle({ db }: Pick<Stage, 'db'>): Promise<void> {
  await sql`update pr_job_names set used_at = now() - interval '3 minutes'`.execute(db);
}

const rows = ({ db }: Pick<Stage, 'db'>) => db.selectFrom('prJobNames').select(['name', 'problem']).execute();
const sweptEvents = ({ db }: Pick<Stage, 'db'>) =>
  db.selectFrom('prJobEvents').select(['name', 'outcome', 'message']).where('caller', '=', 'sweep').execute();
const ofJobs = (sweep: ShownSweep) => found(sweep).filter((line) => line.includes('pr-job'));

test('the builder of a killed job goes with the next sweep, and everything else of its name; a dry run only tells it', async () => {
  await using stage = await startStage();
  const { jobs, namespace, world } = stage;
  const about = { namespace: namespace.name, name: 'shop-12' };
  const { jobName } = await jobs.create(about);
  const builder = await leaveBuilder({ ...about, jobName, instance: world.server.instance });
  const subject = `pr-job ${namespace.name}/shop-12`;

  // Else it would be over some time, as the image of the tests has no docker.
  await kubectl(['patch', 'job', jobName, '-n', namespace.name, '--type=merge', '-p', '{"spec":{"suspend":true}}']);

  // Just made: left alone. Later: its Job is not over, and its builder stays.
  expect(ofJobs(await jobs.sweep())).toEqual([]);
  await settle(stage);
  expect(ofJobs(await jobs.sweep())).toEqual([]);
  expect(await namespace.contents()).toEqual(expect.arrayContaining([...builder, `job.batch/${jobName}`]));

  await kubectl(['delete', 'job', jobName, '-n', namespace.name, '--cascade=foreground', '--wait=true']);
  expect(ofJobs(await jobs.sweep({ dryRun: true }))).toEqual([`left_by_pr_job ${subject} removed`]);
  expect(await namespace.contents()).toEqual(expect.arrayContaining(builder));
  expect(await rows(stage)).toEqual([{ name: 'shop-12', problem: null }]);

  const told = await jobs.sweep();
  expect(ofJobs(told)).toEqual([`left_by_pr_job ${subject} removed`]);
  expect(told.findings[0]?.detail).toContain(`Deployment/${namespace.name}/${jobName}`);
  await soon(async () => {
    await jobs.sweep();
    expect(await rows(stage)).toEqual([]);
  });
  expect(await namespace.contents()).toEqual([]);
  expect(await sweptEvents(stage)).toContainEqual({
    name: 'shop-12',
    outcome: 'done',
    message: expect.stringContaining(jobName),
  });
  expect(await world.server.leftovers()).toEqual([]);
});

test('a name whose last job the cluster has removed with everything of it is forgotten without a word', async () => {
  await using stage = await startStage();
  const { jobs, namespace } = stage;
  const { jobName } = await jobs.create({ namespace: namespace.name, name: 'shop-13' });
  await kubectl(['delete', 'job', jobName, '-n', namespace.name, '--cascade=foreground', '--wait=true']);
  await soon(async () => expect(await namespace.contents()).toEqual([]));
  await settle(stage);
  expect(ofJobs(await jobs.sweep())).toEqual([]);
  expect(await rows(stage)).toEqual([]);
});

/** A kubeconfig as KUBECONFIG_<NAME> has it, of an API server that nobody answers for. */
function silentCluster(): string {
  const kubeconfig = {
    'current-context': 'away',
    clusters: [{ name: 'away', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'away', user: { token: 'nobody' } }],
    contexts: [{ name: 'away', context: { cluster: 'away', user: 'away' } }],
  };
  return Buffer.from(JSON.stringify(kubeconfig)).toString('base64');
}

test('clusters that do not answer, or are not known any more, are told, keep their names, and hide no other', async () => {
  await using stage = await startStage({}, { KUBECONFIG_AWAY: silentCluster() });
  const { jobs, namespace, db, world } = stage;
  const about = { namespace: namespace.name, name: 'shop-14' };
  const { jobName } = await jobs.create(about);
  await leaveBuilder({ ...about, jobName, instance: world.server.instance });
  await kubectl(['delete', 'job', jobName, '-n', namespace.name, '--cascade=foreground', '--wait=true']);
  const row = { ...about, claimedBy: 'token ci' };
  await db
    .insertInto('prJobNames')
    .values({ ...row, cluster: 'AWAY', name: 'far' })
    .execute();
  await db
    .insertInto('prJobNames')
    .values({ ...row, cluster: 'FORGOTTEN', name: 'farther' })
    .execute();
  await settle(stage);

  const sweep = await jobs.sweep();
  // Which clusters answer is asked first.
  expect(found(sweep)).toEqual([
    'unreadable cluster AWAY reported',
    'unreadable cluster FORGOTTEN reported',
    `left_by_pr_job pr-job ${namespace.name}/shop-14 removed`,
  ]);
  const [away, forgotten] = sweep.findings.map(({ detail }) => detail);
  expect(away).toContain('127.0.0.1');
  expect(forgotten).toContain('There is no cluster FORGOTTEN');
  // What environments are concluded from was read.
  expect(sweep.complete).toBe(true);
  await soon(async () => {
    await jobs.sweep();
    expect((await rows(stage)).map(({ name }) => name).toSorted()).toEqual(['far', 'farther']);
  });
  await db.deleteFrom('prJobNames').execute();
});

test('jobs that a restored database has forgotten are told first and then removed; those of another server are untouched', async () => {
  await using stage = await startStage({ SWEEP_GRACE_SECONDS: '0' });
  const { jobs, namespace, db, world } = stage;
  const about = { namespace: namespace.name, name: 'shop-15' };
  const { jobName } = await jobs.create(about);
  await leaveBuilder({ ...about, jobName, instance: world.server.instance });
  await createObject({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'theirs-buildx-sa',
      namespace: namespace.name,
      labels: {
        app: 'catalyst-buildx',
        'created-by': 'catalyst-web-app',
        'pr-job': 'theirs',
        'ephemera.dev/instance': 'somebody-else',
      },
    },
  });
  await db.deleteFrom('prJobNames').execute();
  const subject = `pr-job ${namespace.name}/shop-15`;

  expect(ofJobs(await jobs.sweep())).toEqual([`orphan_pr_job ${subject} reported`]);
  expect(await namespace.contents()).toContain(`job.batch/${jobName}`);
  await soon(async () => {
    expect(ofJobs(await jobs.sweep())).not.toContain(`orphan_pr_job ${subject} reported`);
    expect(await namespace.contents()).toEqual(['serviceaccount/theirs-buildx-sa']);
  });
  const passes = (await world.api<ShownSweep[]>('/api/v1/sweeps')).flatMap(found);
  expect(passes).toContain(`orphan_pr_job ${subject} removed`);
  expect(await rows(stage)).toEqual([]);
});
