import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { audience, patience, startPrJobWorld, ways, type PrJobWorld } from './pr-job-command.ts';

// The image has no docker: what a job says of that, how often it is tried, and its limit, are what there is to see.
const image = ['--image', 'busybox:1'];
const limitSeconds = 60;

let world: PrJobWorld;
beforeAll(async () => {
  world = await startPrJobWorld(12, { PR_JOBS_DEADLINE_SECONDS: String(limitSeconds) });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Everything of such kinds in a namespace that no other test uses. */
const left = async (namespace: string) => {
  const kinds = 'jobs,pods,serviceaccounts,roles,rolebindings,secrets';
  return (await kubectl(['get', kinds, '-n', namespace, '-o', 'name'])).trim().split('\n');
};
const bornWithIt = ['serviceaccount/default'];

const jobsOf = async (namespace: string) =>
  (await kubectlJson<{ items: { metadata: { name: string } }[] }>('get', 'jobs', '-n', namespace)).items.map(
    ({ metadata }) => metadata.name,
  );

test.each(ways)(
  'by the %s: create prints the name of the Job, status and logs tell of it, and cleanup leaves nothing',
  async (way) => {
    const namespace = world.namespace();
    const place = ['pr-1', '-n', namespace];
    const made = await world.prJob(way, ['create', ...place, ...image]);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toMatch(/^pr-job-pr-1-\d{13}\n$/);
    expect(made.stderr).toMatch(
      way === 'server' ? /^server http:\S+ \(with EPHEMERA_TOKEN\)\n/ : /^cluster \S+ \(context /,
    );
    expect(made.stderr).toContain(`  npx ephemera pr-job cleanup pr-1 --namespace ${namespace}\n`);
    const jobName = made.stdout.trim();
    expect(await jobsOf(namespace)).toEqual([jobName]);
    expect(await left(namespace)).toContain('serviceaccount/pr-1-buildx-sa');

    await using logs = world.startPrJob(way, ['logs', ...place, '--follow']);
    await vi.waitFor(() => expect(logs.stdout()).toContain('docker: not found'), patience);
    logs.child.kill('SIGINT');
    expect((await logs.finished()).code).toBe(130);
    const status = await world.prJob(way, ['status', ...place]);
    expect(status.stdout).toMatch(new RegExp(`^job +${jobName} in ${namespace}\nstate +(Pending|Running|Failed), `));
    const json = await world.prJob(way, ['status', ...place, '--job', jobName, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ jobName, namespace, name: 'pr-1', succeeded: 0 });

    const cleaned = await world.prJob(way, ['cleanup', ...place]);
    expect(cleaned.code, cleaned.stderr).toBe(0);
    expect(cleaned.stdout).toContain(`removed Job/${namespace}/${jobName}\n`);
    expect(cleaned.stdout).toContain(`removed ServiceAccount/${namespace}/pr-1-buildx-sa\n`);
    expect(await left(namespace)).toEqual(bornWithIt);
    const again = await world.prJob(way, ['cleanup', ...place, '--json']);
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { removed: [], kept: [] }]);
  },
);

test.each(ways)(
  'by the %s: the same idempotency key gives the same Job back, and without --job the newest one is meant',
  async (way) => {
    const namespace = world.namespace();
    const create = async (...more: readonly string[]) => {
      const { code, stdout, stderr } = await world.prJob(way, [
        'create',
        'pr-2',
        '-n',
        namespace,
        ...image,
        '--json',
        ...more,
      ]);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as { jobName: string; created: boolean };
    };
    const first = await create('--idempotency-key', 'run-7');
    const same = await create('--idempotency-key', 'run-7');
    expect([first.created, same]).toEqual([true, { ...first, created: false }]);
    const second = await create();
    expect(await jobsOf(namespace)).toEqual([first.jobName, second.jobName].toSorted());
    const newest = await world.prJob(way, ['status', 'pr-2', '-n', namespace, '--json']);
    // The times of a cluster are whole seconds: two Jobs of one second are of one age.
    const names = way === 'server' ? [second.jobName] : [first.jobName, second.jobName];
    expect(names).toContain((JSON.parse(newest.stdout) as { jobName: string }).jobName);
  },
);

test('create --wait ends with 7 when the job reaches the limit of the server, and tells its log and what it waits for', async () => {
  const namespace = world.namespace();
  const { code, stdout, stderr } = await world.prJob('server', ['create', 'pr-3', '-n', namespace, ...image, '--wait']);
  expect(code, stderr).toBe(7);
  expect(stdout).toContain('docker: not found');
  expect(stderr).toContain('About half a minute of a build is the booting of its builder');
  expect(stderr).toMatch(/^job pr-job-pr-3-\d{13}: (Pending|Running), 0\/1 complete/m);
  expect(stderr).toMatch(/job pr-job-pr-3-\d{13} failed.*DeadlineExceeded/);
});

test('create --wait --json directly ends with 1 when every try has failed; JSON is alone on standard output', async () => {
  const namespace = world.namespace();
  const { code, stdout, stderr } = await world.prJob('cluster', [
    'create',
    'pr-4',
    '-n',
    namespace,
    ...image,
    '--wait',
    '--json',
  ]);
  expect(code, stderr).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ namespace, created: true, outcome: 'failed', status: 'Failed' });
  expect(stderr).toContain('docker: not found');
  expect(stderr).toContain('BackoffLimitExceeded');
});

test.each(ways)(
  'by the %s: Ctrl-C ends waiting with 130, says that the job goes on and how to remove it, which is true',
  async (way) => {
    const namespace = world.namespace();
    await using waiting = world.startPrJob(way, ['create', 'pr-5', '-n', namespace, ...image, '--wait']);
    await vi.waitFor(() => expect(waiting.stdout()).toContain('docker: not found'), patience);
    waiting.child.kill('SIGINT');
    const { code, stderr } = await waiting.finished();
    expect(code, stderr).toBe(130);
    const [, jobName = ''] = /job (pr-job-pr-5-\d{13}) goes on without being followed:/.exec(stderr) ?? [];
    expect(await jobsOf(namespace)).toEqual([jobName]);
    const [, words = ''] = /^ {2}npx ephemera pr-job (cleanup .*)$/m.exec(stderr) ?? [];
    const cleaned = await world.prJob(way, words.split(' '));
    expect(cleaned.stdout).toContain(`removed Job/${namespace}/${jobName}\n`);
  },
);

test.each(ways)(
  'by the %s: cleanup that takes longer than --timeout ends with 7, and the next one finishes it',
  async (way) => {
    const namespace = world.namespace();
    const place = ['pr-6', '-n', namespace];
    const jobName = (await world.prJob(way, ['create', ...place, ...image])).stdout.trim();
    const hold = (finalizers: readonly string[]) =>
      kubectl(
        `patch job ${jobName} -n ${namespace} --type merge -p`
          .split(' ')
          .concat(JSON.stringify({ metadata: { finalizers } })),
      );
    await hold(['example.com/hold']);
    const late = await world.prJob(way, ['cleanup', ...place, '--timeout', '4s']);
    expect(late.code, late.stderr).toBe(7);
    expect(late.stderr).toContain('pr-6 is not removed within 4 s');
    await hold([]);
    const done = await world.prJob(way, ['cleanup', ...place]);
    expect(done.code, done.stderr).toBe(0);
    expect(await left(namespace)).toEqual(bornWithIt);
  },
);

test('a workflow of GitHub Actions needs no secret: a token of its own for each request, for the audience of the server', async () => {
  const namespace = world.namespace();
  const actions = { GITHUB_ACTIONS: 'true', ...world.repository.run().environment };
  const believed = { ...actions, EPHEMERA_OIDC_AUDIENCE: audience };
  const place = ['acme-shop-7', '-n', namespace];
  const made = await world.prJobWith(believed, ['create', ...place, ...image]);
  expect(made.code, made.stderr).toBe(0);
  expect(made.stderr).toContain(`(with tokens of GitHub Actions for the audience ${audience})`);
  for (const verb of ['logs', 'cleanup']) {
    const { code, stderr } = await world.prJobWith(believed, [verb, ...place]);
    expect(code, `${verb}: ${stderr}`).toBe(0);
  }
  const other = await world.prJobWith(actions, ['status', ...place, '--job', made.stdout.trim()]);
  expect(other.code, other.stderr).toBe(3);
  const without = await world.prJobWith({ GITHUB_ACTIONS: 'true' }, ['status', ...place]);
  expect([without.code, without.stderr.includes('id-token: write')], without.stderr).toEqual([3, true]);
  const expired = await world.prJobWith({ ...believed, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'hunter2' }, [
    'status',
    ...place,
  ]);
  expect(expired.code).toBe(3);
  expect(expired.stderr).toContain('GitHub Actions gives no token');
  expect(expired.stderr).not.toContain('hunter2');
});

test('what the server refuses ends with 3 and says what and why, and events show who asked', async () => {
  const namespace = world.namespace();
  const creator = { EPHEMERA_TOKEN: await world.token('pr-jobs:create,pr-jobs:status') };
  const create = ['create', 'pr-8', '-n', namespace];
  const cases: readonly (readonly [Record<string, string>, readonly string[], string])[] = [
    [{ EPHEMERA_TOKEN: 'eph_nobody-knows-me' }, [...create, ...image], 'token'],
    [creator, ['create', 'pr-8', '-n', 'kube-system', ...image], 'kube-system'],
    [creator, [...create, '--image', 'alpine:3'], 'alpine:3'],
    [creator, [...create, ...image, '--cluster', 'nowhere'], 'nowhere'],
    [creator, ['cleanup', 'pr-8', '-n', namespace], 'pr-jobs:cleanup'],
    [creator, ['status', 'pr-8', '-n', namespace], 'No job of the name pr-8'],
  ];
  for (const [environment, args, said] of cases) {
    const { code, stdout, stderr } = await world.prJobWith(environment, args);
    expect([code, stdout], `${args.join(' ')}: ${stderr}`).toEqual([3, '']);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('eph_');
  }
  expect((await world.prJobWith(creator, [...create, ...image])).code).toBe(0);
  const { stdout } = await world.prJobWith(creator, ['events', 'pr-8', '-n', namespace]);
  expect(stdout).toMatch(/^AT +CALLER +ACTION +OUTCOME +CLUSTER +JOB +MESSAGE\n/);
  expect(stdout).toMatch(/ create +refused +nowhere /);
  expect(stdout).toMatch(/ create +refused .*alpine:3[\s\S]* create +done +pr-job-pr-8-\d{13}/);
});
