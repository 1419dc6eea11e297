import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { expect, test, vi } from 'vitest';
import { endless, freshName, jobsIn, patience, startJobs } from './job-command.ts';

interface Found {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: Record<string, string> };
  readonly spec?: unknown;
  readonly data?: unknown;
  readonly type?: string;
}

const withEverything = {
  spec: {
    env: { variables: { ANSWER: { value: 'yes' } }, secrets: { API_KEY: { value: 'swordfish' } } },
    configMaps: { 'run.sh': 'echo "$ANSWER 012"\n' },
    volumeMounts: [{ name: 'scripts', mountPath: '/scripts', configMap: { name: 'run.sh', key: 'run.sh' } }],
  },
};

test('job run --wait prints the lines of the container alone on standard output, and ends with 0', async () => {
  await using jobs = await startJobs();
  const { code, stdout, stderr } = await jobs.job(
    ['run', '--wait', '-f', '-'],
    jobs.manifest(
      'sh /scripts/run.sh; echo "key of $(printf %s "$API_KEY" | wc -c)"; echo problem >&2',
      withEverything,
    ),
  );
  expect(code, stderr).toBe(0);
  expect(stdout.split('\n').toSorted()).toEqual(['', 'key of 9', 'problem', 'yes 012']);
  expect(stderr).toMatch(/^cluster \S+ \(context /);
  expect(stderr).toContain(`applied Job/${jobs.namespace}/hello\njob hello created\n`);
  expect(stderr).toMatch(/^pod hello-\S+: .* on node /m);
  expect(stderr).toContain('job hello is complete: 1 succeeded');
  expect(stdout + stderr).not.toContain('swordfish');
});

test('what job render prints is what kubectl applies, and what job run applies', async () => {
  await using jobs = await startJobs();
  const text = jobs.manifest('sh /scripts/run.sh', withEverything);
  const kinds = 'jobs,secrets,configmaps';
  const made = async () => {
    const { items } = await kubectlJson<{ items: Found[] }>(
      'get',
      kinds,
      '-n',
      jobs.namespace,
      '-l',
      'project-planton.org/resource-name=hello',
    );
    return items.map(({ kind, metadata, spec, data, type }) => ({
      kind,
      name: metadata.name,
      labels: metadata.labels,
      spec,
      data,
      type,
    }));
  };
  /** What the cluster adds with each new Job. */
  const withoutUids = (objects: unknown) =>
    JSON.parse(JSON.stringify(objects), (key, value: unknown) =>
      key.includes('controller-uid') ? undefined : value,
    ) as unknown;

  const yaml = await jobs.job(['render', '-f', '-'], text);
  expect(await kubectl(['apply', '-f', '-'], yaml.stdout)).toMatch(/job\.batch\/hello created/);
  const applied = await made();
  expect(applied.map(({ kind }) => kind).toSorted()).toEqual(['ConfigMap', 'Job', 'Secret']);
  await kubectl([
    'delete',
    kinds,
    '-n',
    jobs.namespace,
    '-l',
    'project-planton.org/resource-name=hello',
    '--cascade=foreground',
  ]);
  const json = await jobs.job(['render', '-f', '-', '--output', 'json'], text);
  expect(await kubectl(['apply', '--dry-run=server', '-f', '-'], json.stdout)).toMatch(/job\.batch\/hello created/);

  const ran = await jobs.job(['run', '-f', '-'], text);
  expect(ran.code, ran.stderr).toBe(0);
  expect(withoutUids(await made())).toEqual(withoutUids(applied));
});

test('job run without --wait ends when all is applied, and its next lines are commands that work', async () => {
  await using jobs = await startJobs();
  const { code, stdout, stderr } = await jobs.job(['run', '-f', '-'], jobs.manifest('echo hello'));
  expect([code, stdout], stderr).toEqual([0, `applied Job/${jobs.namespace}/hello\njob hello created\n`]);
  const next = [...stderr.matchAll(/^ {2}npx ephemera job (.*)$/gm)].map(([, words = '']) => words.split(' '));
  expect(next.map(([verb]) => verb)).toEqual(['status', 'logs', 'delete']);
  const [status = [], logs = [], remove = []] = next;
  expect((await jobs.job(logs)).stdout).toBe('hello\n');
  expect((await jobs.job(status)).stdout).toContain('Complete, 1/1 complete');
  expect((await jobs.job(remove)).code).toBe(0);
});

test('job run --wait of a job that fails ends with 1, says why, and shows what it wrote at last', async () => {
  await using jobs = await startJobs();
  const { code, stdout, stderr } = await jobs.job(
    ['run', '--wait', '-f', '-'],
    jobs.manifest('echo first; echo "no such table"; exit 3'),
  );
  expect(code, stderr).toBe(1);
  expect(stdout).toBe('first\nno such table\n');
  expect(stderr).toContain('Job hello failed (BackoffLimitExceeded)');
  expect(stderr).toContain('exit code 3');
  expect(stderr).toMatch(/^The last lines of hello-\S+\/job-container:\n {2}first\n {2}no such table$/m);
  const { items } = await kubectlJson<{ items: Found[] }>('get', 'jobs', '-n', jobs.namespace);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['hello']);
});

test('a job that reaches its activeDeadlineSeconds ends with 7, and one that outlives --timeout too and goes on', async () => {
  await using jobs = await startJobs();
  const [own, waited] = await Promise.all([
    jobs.job(
      ['run', '--wait', '-f', '-'],
      jobs.manifest(endless, { metadata: { name: 'own' }, spec: { activeDeadlineSeconds: 5 } }),
    ),
    jobs.job(['run', '--wait', '--timeout', '5s', '-f', '-'], jobs.manifest(endless, { metadata: { name: 'waited' } })),
  ]);
  expect(own.code, own.stderr).toBe(7);
  expect(own.stderr).toContain('it ran longer than its limit of 5 s');
  expect(waited.code, waited.stderr).toBe(7);
  expect(waited.stderr).toContain('it goes on');
  const { stdout } = await jobs.job(['status', 'waited', '-n', jobs.namespace, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'waited', state: 'Running', active: 1 });
});

test('an image that cannot be pulled ends job run --wait with 1 after --start-timeout, with the cause, and the Job stays', async () => {
  await using jobs = await startJobs();
  const { code, stderr } = await jobs.job(
    ['run', '--wait', '--start-timeout', '2s', '-f', '-'],
    jobs.manifest('true', { spec: { image: { repo: 'registry.invalid/nobody/nothing', tag: '1' } } }),
  );
  expect(code, stderr).toBe(1);
  expect(stderr).toContain('job hello cannot start');
  expect(stderr).toMatch(/registry\.invalid\/nobody\/nothing:1/);
  const status = await jobs.job(['status', 'hello', '-n', jobs.namespace]);
  expect(status.stdout).toMatch(/^why +Pod hello-\S+, container job-container: /m);
});

test('several pods are followed at once, each line behind the name of its pod', async () => {
  await using jobs = await startJobs();
  const { code, stdout, stderr } = await jobs.job(
    [
      'run',
      '--wait',
      '-f',
      '-',
      '--set',
      'spec.parallelism=3',
      '--set',
      'spec.completions=3',
      '--set',
      'spec.completionMode=Indexed',
    ],
    jobs.manifest('echo "index $JOB_COMPLETION_INDEX"'),
  );
  expect(code, stderr).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => line.replace(/^\[hello-(\d)-\w+\/job-container\] /, '$1 ')).toSorted()).toEqual([
    '0 index 0',
    '1 index 1',
    '2 index 2',
  ]);
  expect(stderr).toContain('3/3 complete');
});

test('Ctrl-C ends following with 130 and says that the Job goes on, which is true', async () => {
  await using jobs = await startJobs();
  await using following = jobs.startJob(['run', '--wait', '--delete', '-f', '-'], jobs.manifest(endless));
  await vi.waitFor(() => expect(following.stdout()).toContain('begun'), patience);
  following.child.kill('SIGINT');
  const { code, stderr } = await following.finished();
  expect(code, stderr).toBe(130);
  expect(stderr).toContain('job hello goes on without being followed');
  const { stdout } = await jobs.job(['status', 'hello', '-n', jobs.namespace, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'Running', active: 1 });

  await using logs = jobs.startJob(['logs', 'hello', '-n', jobs.namespace, '--follow']);
  await vi.waitFor(() => expect(logs.stdout()).toBe('begun\n'), patience);
  logs.child.kill('SIGINT');
  expect((await logs.finished()).code).toBe(130);
});

test('following whose reader has gone, as with head, ends with 141 without speaking of a signal, and the Job goes on', async () => {
  await using jobs = await startJobs();
  const script = 'trap exit TERM; while :; do echo again; sleep 0.2; done';
  await using following = jobs.startJob(['run', '--wait', '-f', '-'], jobs.manifest(script));
  await vi.waitFor(() => expect(following.stdout()).toContain('again'), patience);
  following.child.stdout?.destroy();
  const { code, stderr } = await following.finished();
  expect(code, stderr).toBe(141);
  expect(stderr).toContain('nobody reads the output');
  expect(stderr).toContain('job hello goes on without being followed');
  expect(stderr).not.toContain('SIG');
});

test('job logs prints the last lines of one container, and --follow goes on to the end of the Job', async () => {
  await using jobs = await startJobs();
  const text = jobs.manifest('for i in 1 2 3 4 5; do echo $i; done');
  await jobs.job(['run', '-f', '-'], text);
  expect((await jobs.job(['logs', '--follow', '-f', '-'], text)).stdout).toBe('1\n2\n3\n4\n5\n');
  expect((await jobs.job(['logs', '-f', '-', '--tail', '2', '--container', 'job-container'], text)).stdout).toBe(
    '4\n5\n',
  );
});

test('job suspend ends the pods of a job, and job resume brings new ones', async () => {
  await using jobs = await startJobs();
  const named = ['hello', '-n', jobs.namespace];
  /** Waits until the status is so. */
  const becomes = (wanted: object) =>
    vi.waitFor(async () => {
      const { stdout } = await jobs.job(['status', ...named, '--json']);
      expect(JSON.parse(stdout)).toMatchObject(wanted);
    }, patience);
  await jobs.job(['run', '-f', '-'], jobs.manifest(endless));
  await becomes({ state: 'Running', ready: 1 });
  expect((await jobs.job(['suspend', ...named])).code).toBe(0);
  await becomes({ state: 'Suspended', active: 0 });
  expect((await jobs.job(['resume', ...named])).code).toBe(0);
  await becomes({ state: 'Running', ready: 1 });
});

test('job delete removes all that a job made, its namespace too, says what, and finds nothing the next time', async () => {
  const jobs = jobsIn(freshName());
  const text = jobs.manifest(endless, { spec: { ...withEverything.spec, createNamespace: true } });
  await using stack = new AsyncDisposableStack();
  stack.defer(
    async () => void (await kubectl(['delete', 'namespace', jobs.namespace, '--ignore-not-found', '--timeout=110s'])),
  );
  const ran = await jobs.job(['run', '-f', '-'], text);
  expect(ran.code, ran.stderr).toBe(0);
  const { code, stdout, stderr } = await jobs.job(['delete', '-f', '-'], text);
  expect(code, stderr).toBe(0);
  expect(stdout.trim().split('\n').toSorted()).toEqual(
    expect.arrayContaining([
      `removed ConfigMap/${jobs.namespace}/run.sh`,
      `removed Job/${jobs.namespace}/hello`,
      `removed Namespace//${jobs.namespace}`,
      `removed Secret/${jobs.namespace}/hello-env-secrets`,
    ]),
  );
  expect(await kubectl(['get', 'namespace', jobs.namespace, '--ignore-not-found', '-o', 'name'])).toBe('');
  const again = await jobs.job(['delete', 'hello', '-n', jobs.namespace, '--json']);
  expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { removed: [], kept: [] }]);
});

test('job delete keeps a namespace in which something of others is, and says so', async () => {
  const jobs = jobsIn(freshName());
  const text = jobs.manifest('true', { spec: { createNamespace: true } });
  await using stack = new AsyncDisposableStack();
  stack.defer(
    async () => void (await kubectl(['delete', 'namespace', jobs.namespace, '--ignore-not-found', '--timeout=110s'])),
  );
  await jobs.job(['run', '--wait', '-f', '-'], text);
  await kubectl(['create', 'configmap', 'theirs', '-n', jobs.namespace]);
  const { code, stdout } = await jobs.job(['delete', '-f', '-'], text);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^removed Job/${jobs.namespace}/hello$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^kept Namespace//${jobs.namespace}: .*theirs`, 'm'));
  expect(await kubectl(['get', 'configmap', 'theirs', '-n', jobs.namespace, '-o', 'name'])).toBe('configmap/theirs\n');
});

test('job run --wait --delete leaves nothing of a job, whether it completes or fails', async () => {
  await using jobs = await startJobs();
  const [fine, failed] = await Promise.all(
    ['true', 'false'].map((name) =>
      jobs.job(['run', '--wait', '--delete', '-f', '-'], jobs.manifest(name, { metadata: { name } })),
    ),
  );
  expect([fine?.code, failed?.code], `${fine?.stderr}${failed?.stderr}`).toEqual([0, 1]);
  expect(await kubectl(['get', 'jobs,pods,secrets', '-n', jobs.namespace, '-o', 'name'])).toBe('');
});
