import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { expect, test, vi } from 'vitest';
import { run } from './command.ts';
import { endless, jobsIn, patience, startJobs } from './job-command.ts';
import { kubeconfig } from './kubeconfig.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Found {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

test('without a cluster every command that needs one ends with 3 and says where it looked', async () => {
  const { manifest } = jobsIn('shop');
  for (const verb of ['run', 'status', 'logs', 'delete', 'suspend', 'resume']) {
    const none = await run(['job', verb, '-f', '-'], { HOME: '/nowhere' }, manifest('true'));
    expect(none.code, `${verb}: ${none.stderr}`).toBe(3);
    expect(none.stderr).toContain('No cluster to talk to');
  }
});

test('a command says which cluster it asks and which name was not found, and ends with 3 when the cluster does not answer', async () => {
  using folder = temporaryFolder('job');
  const KUBECONFIG_PATH = kubeconfig(folder.path, ['current']);
  const manifest = jobsIn('shop').manifest('true', { spec: { targetCluster: { clusterName: 'eks-7' } } });
  const { code, stdout, stderr } = await run(['job', 'status', '-f', '-'], { KUBECONFIG_PATH }, manifest);
  expect([code, stdout], stderr).toEqual([3, '']);
  expect(stderr).toContain(`cluster current (context current of ${KUBECONFIG_PATH})`);
  expect(stderr).toContain('warning: there is no context of the name eks-7');
  expect(stderr).toContain('does not answer');
});

test('a bad manifest ends job run with 2, and nothing of it reaches the cluster', async () => {
  await using jobs = await startJobs();
  const { code, stderr } = await jobs.job(
    ['run', '-f', '-'],
    jobs.manifest('true', { spec: { restartPolicy: 'Always' } }),
  );
  expect(code).toBe(2);
  expect(stderr).toContain('spec.restartPolicy');
  expect(await kubectl(['get', 'jobs', '-n', jobs.namespace, '-o', 'name'])).toBe('');
});

test('a Job of that name that somebody else made is refused with 3 and stays as it is, also for delete and suspend', async () => {
  await using jobs = await startJobs();
  await kubectl(['create', 'job', 'hello', '-n', jobs.namespace, '--image=busybox:1', '--', 'sh', '-c', endless]);
  const theirs = async () => (await kubectlJson<Found>('get', 'job', 'hello', '-n', jobs.namespace)).metadata.uid;
  const before = await theirs();
  const text = jobs.manifest('true', { spec: { env: { secrets: { KEY: { value: 'x' } } } } });
  for (const args of [['run'], ['run', '--replace'], ['suspend'], ['delete']]) {
    const { code, stderr } = await jobs.job([...args, '-f', '-'], text);
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(3);
    expect(stderr).toContain('belongs to somebody who is');
  }
  expect(await theirs()).toBe(before);
  expect(await kubectl(['get', 'secrets', '-n', jobs.namespace, '-o', 'name'])).toBe('');
});

test('a change that a live Job cannot take is refused with 3, leaves all as it was, and works with --replace', async () => {
  await using jobs = await startJobs();
  const secret = (value: string) => ({ spec: { env: { secrets: { KEY: { value } } } } });
  const read = async () =>
    kubectl(['get', 'secret', 'hello-env-secrets', '-n', jobs.namespace, '-o', 'jsonpath={.data.KEY}']);
  expect((await jobs.job(['run', '--wait', '-f', '-'], jobs.manifest('echo one', secret('one')))).code).toBe(0);
  const refused = await jobs.job(['run', '-f', '-'], jobs.manifest('echo two', secret('two')));
  expect(refused.code, refused.stderr).toBe(3);
  expect(refused.stderr).toContain('--replace');
  expect(await read()).toBe(Buffer.from('one').toString('base64'));
  const replaced = await jobs.job(['run', '--replace', '--wait', '-f', '-'], jobs.manifest('echo two', secret('two')));
  expect([replaced.code, replaced.stdout], replaced.stderr).toEqual([0, 'two\n']);
  expect(replaced.stderr).toContain('job hello replaced');
  expect(await read()).toBe(Buffer.from('two').toString('base64'));
});

test('a namespace that is being removed takes no job: exit code 3, and the reason', async () => {
  await using jobs = await startJobs();
  // A finalizer of a test holds the namespace in its removal, for as long as the test needs.
  const holder = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'holder', namespace: jobs.namespace, finalizers: ['test.example.com/hold'] },
  };
  await kubectl(['create', '-f', '-'], JSON.stringify(holder));
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await kubectl([
      'patch',
      'configmap',
      'holder',
      '-n',
      jobs.namespace,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
  });
  await kubectl(['delete', 'namespace', jobs.namespace, '--wait=false']);
  const { code, stderr } = await jobs.job(['run', '-f', '-'], jobs.manifest('true'));
  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(new RegExp(`${jobs.namespace}.* is still being removed`));
});

test('a quota that has no room is shown while a job waits for it, and the job runs as soon as there is room', async () => {
  await using jobs = await startJobs();
  await kubectl(['create', 'quota', 'tight', '-n', jobs.namespace, '--hard=pods=0']);
  await using waiting = jobs.startJob(['run', '--wait', '-f', '-'], jobs.manifest('echo ran'));
  await vi.waitFor(() => expect(waiting.stderr()).toMatch(/quota/i), patience);
  await kubectl(['delete', 'quota', 'tight', '-n', jobs.namespace]);
  const { code, stdout, stderr } = await waiting.finished();
  expect([code, stdout], stderr).toEqual([0, 'ran\n']);
});

test('a quota that has no room for the Job itself refuses it at once with 3, and nothing of it is left', async () => {
  await using jobs = await startJobs();
  await kubectl(['create', 'quota', 'none', '-n', jobs.namespace, '--hard=count/jobs.batch=0']);
  const secret = { spec: { env: { secrets: { KEY: { value: 'x' } } } } };
  // Until the cluster has counted, it refuses for that reason.
  await vi.waitFor(async () => {
    const used = ['get', 'quota', 'none', '-n', jobs.namespace, '-o', 'jsonpath={.status.used}'];
    expect(await kubectl(used)).toContain('count/jobs.batch');
  }, patience);
  const { code, stderr } = await jobs.job(['run', '-f', '-'], jobs.manifest('true', secret));
  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(/exceeded quota: none/);
  expect(await kubectl(['get', 'jobs,secrets', '-n', jobs.namespace, '-o', 'name'])).toBe('');
});

test('a removal that something holds up ends with 7 and names it; the next one finishes when it lets go', async () => {
  await using jobs = await startJobs();
  const text = jobs.manifest('true', { spec: { configMaps: { held: 'x' } } });
  expect((await jobs.job(['run', '--wait', '-f', '-'], text)).code).toBe(0);
  const finalizers = async (list: string) =>
    kubectl([
      'patch',
      'configmap',
      'held',
      '-n',
      jobs.namespace,
      '--type=merge',
      '-p',
      `{"metadata":{"finalizers":${list}}}`,
    ]);
  await finalizers('["test.example.com/hold"]');
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void (await finalizers('null').catch(() => 'gone')));
  const held = await jobs.job(['delete', '--timeout', '3s', '-f', '-'], text);
  expect([held.code, held.stdout], held.stderr).toEqual([7, '']);
  expect(held.stderr).toContain('ConfigMap held');
  await finalizers('null');
  const { code, stdout, stderr } = await jobs.job(['delete', '-f', '-'], text);
  expect(code, stderr).toBe(0);
  expect(stdout + stderr).not.toContain('kept');
  expect(
    await kubectl([
      'get',
      'jobs,pods,configmaps',
      '-n',
      jobs.namespace,
      '-l',
      'project-planton.org/resource',
      '-o',
      'name',
    ]),
  ).toBe('');
});

test('a job that is not there: status, logs, suspend and resume fail and name it', async () => {
  await using jobs = await startJobs();
  for (const verb of ['status', 'logs', 'suspend', 'resume']) {
    const { code, stdout, stderr } = await jobs.job([verb, 'nobody', '-n', jobs.namespace]);
    expect([code, stdout], `${verb}: ${stderr}`).toEqual([1, '']);
    expect(stderr).toContain('nobody');
  }
});
