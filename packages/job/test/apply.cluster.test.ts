import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { Job, KubeObject } from '@ephemera/model';
import { afterAll, describe, expect, test } from 'vitest';
import { deleteJob } from '../src/run/index.ts';
import { eventually, forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

const truth = (kind: string, name: string, where = namespace) =>
  kubectlJson<KubeObject & Record<string, unknown>>('get', kind, name, '-n', where);

describe.concurrent('applying a job', () => {
  test('makes the namespace when asked to, with the standard labels on it and on everything', async () => {
    const own = world.name('made');
    const metadata = job('labelled', {}, { id: 'k8sjob-1', org: 'acme', env: 'dev' }).metadata;
    const manifest = {
      ...job('labelled', { ...shell('true'), namespace: own, createNamespace: true, configMaps: { conf: 'a' } }),
      metadata: { ...metadata, labels: job('labelled', {}).metadata.labels },
    };
    const started = await world.run(manifest);
    expect(started).toMatchObject({ namespace: own, name: 'labelled', id: 'k8sjob-1', change: 'created' });
    const labels = {
      'project-planton.org/resource': 'true',
      'project-planton.org/resource-name': 'labelled',
      'project-planton.org/resource-kind': 'KubernetesJob',
      'project-planton.org/resource-id': 'k8sjob-1',
      'project-planton.org/organization': 'acme',
      'project-planton.org/environment': 'dev',
    };
    expect(await truth('namespace', own)).toMatchObject({ metadata: { labels } });
    expect(await truth('configmap', 'conf', own)).toMatchObject({ metadata: { labels } });
    expect(await truth('job', 'labelled', own)).toMatchObject({
      metadata: { labels },
      spec: { template: { metadata: { labels } } },
    });
    expect((await world.follow(started)).fate.outcome).toBe('complete');
  });

  test('without createNamespace a namespace that is missing is an error that says what to do', async () => {
    const manifest = job('homeless', { namespace: world.name('nowhere') });
    await expect(world.run(manifest)).rejects.toMatchObject({
      code: 'job.namespace_missing',
      hint: expect.stringContaining('createNamespace'),
    });
  });

  test('a namespace that somebody else made is not taken over by createNamespace', async () => {
    const before = await truth('namespace', namespace);
    await expect(world.run(job('taking', { createNamespace: true }))).rejects.toMatchObject({
      code: 'job.namespace_taken',
      hint: expect.stringContaining('createNamespace'),
    });
    expect(await truth('namespace', namespace)).toEqual(before);
    await expect(kubectl(['get', 'job', 'taking', '-n', namespace])).rejects.toThrow('not found');
  });

  test("a Job of that name that is somebody else's is refused, and nothing is written", async () => {
    const theirs = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'taken', namespace },
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'theirs', image: 'busybox:1' }] } },
      },
    };
    await world.createAsSomebodyElse(theirs);
    await eventually(async () => JSON.stringify((await truth('job', 'taken'))['status']).includes('Suspended'), true);
    const before = await truth('job', 'taken');
    const manifest = job('taken', { configMaps: { 'taken.conf': 'a' }, env: { secrets: { KEY: { value: 'b' } } } });
    await expect(world.run(manifest)).rejects.toMatchObject({
      code: 'kube.foreign',
      message: expect.stringContaining('Job taken'),
    });
    await expect(world.run(manifest, { replace: true })).rejects.toMatchObject({ code: 'kube.foreign' });
    await expect(deleteJob(cluster, { namespace, name: 'taken' })).rejects.toMatchObject({ code: 'kube.foreign' });
    expect(await truth('job', 'taken')).toEqual(before);
    const selector = 'project-planton.org/resource-name=taken';
    expect(await kubectl(['get', 'secrets,configmaps', '-n', namespace, '-l', selector, '-o', 'name'])).toBe('');
  });

  test('a ConfigMap of another job is refused with both names, and nothing is written', async () => {
    await world.run(job('holder', { suspend: true, configMaps: { shared: 'of the holder' } }));
    const manifest = job('claimant', { configMaps: { shared: 'of the claimant', own: 'a' } });
    const refused = expect.objectContaining({
      code: 'kube.foreign',
      message: expect.stringMatching(/ConfigMap shared .*KubernetesJob claimant.*KubernetesJob holder/),
    });
    await expect(world.run(manifest)).rejects.toEqual(refused);
    expect(await truth('configmap', 'shared')).toMatchObject({ data: { shared: 'of the holder' } });
    const selector = 'project-planton.org/resource-name=claimant';
    expect(await kubectl(['get', 'jobs,configmaps', '-n', namespace, '-l', selector, '-o', 'name'])).toBe('');
  });

  test('a change that a live Job does not allow is refused without side effects, and made with replace', async () => {
    const manifest = (word: string) => job('fixed', { ...shell(`echo ${word}`), configMaps: { 'fixed.conf': word } });
    const first = await world.run(manifest('one'));
    await world.follow(first);
    await expect(world.run(manifest('two'))).rejects.toMatchObject({
      code: 'job.immutable',
      message: expect.stringContaining('spec.template'),
      hint: expect.stringContaining('--replace'),
    });
    expect(await truth('configmap', 'fixed.conf')).toMatchObject({ data: { 'fixed.conf': 'one' } });
    expect(await truth('job', 'fixed')).toMatchObject({ metadata: { uid: first.uid } });

    const second = await world.run(manifest('two'), { replace: true });
    expect(second).toMatchObject({ name: 'fixed', change: 'replaced' });
    expect(second.uid).not.toBe(first.uid);
    expect(await truth('configmap', 'fixed.conf')).toMatchObject({ data: { 'fixed.conf': 'two' } });
    expect((await world.follow(second)).lines).toEqual(['two']);
    expect((await world.follow(first)).fate).toMatchObject({ outcome: 'gone', status: { uid: first.uid } });
  });

  test('nothing is replaced by a job that the cluster would refuse', async () => {
    const first = await world.run(job('safe', forEver));
    const refused = job('safe', { ...shell('echo'), nodeSelector: { 'not a key!': 'a' } });
    await expect(world.run(refused, { replace: true })).rejects.toMatchObject({
      code: expect.stringMatching(/invalid/),
    });
    const kept = await truth('job', 'safe');
    expect(kept.metadata).toMatchObject({ uid: first.uid });
    expect(kept.metadata.deletionTimestamp).toBeUndefined();
  });

  test('following the Job that is replaced ends as gone', async () => {
    const first = await world.run(job('succeeded', forEver));
    const { fate } = await world.follow(first, {
      onEvent: async (event) => {
        if (event.type === 'log') await world.run(job('succeeded', shell('echo next')), { replace: true });
      },
    });
    expect(fate).toMatchObject({ outcome: 'gone', status: { uid: first.uid } });
  });

  test('many runs at once make one Job', async () => {
    const manifest = job('raced', { suspend: true, configMaps: { 'raced.conf': 'a' } });
    const started = await Promise.all(Array.from({ length: 5 }, () => world.run(manifest)));
    expect(new Set(started.map(({ uid }) => uid)).size).toBe(1);
    expect(await kubectlJson<Job>('get', 'job', 'raced', '-n', namespace)).toMatchObject({ spec: { suspend: true } });
  });

  test('a namespace that is being removed is waited for when the job makes its own', async () => {
    const own = world.name('ending');
    const manifest = job('renewed', { ...shell('echo anew'), namespace: own, createNamespace: true });
    const first = await world.run(manifest);
    await world.follow(first);
    await kubectl(['delete', 'namespace', own, '--wait=false']);
    const waiting: string[] = [];
    const second = await world.run(manifest, { onWaiting: (text) => waiting.push(text) });
    expect(waiting).toContainEqual(expect.stringContaining(own));
    expect(second).toMatchObject({ change: 'created' });
    expect((await world.follow(second)).lines).toEqual(['anew']);
  });

  test('a namespace of others that is being removed is an error that can be retried', async () => {
    const theirs = world.name('leaving');
    const held = { name: 'held', namespace: theirs, finalizers: ['ephemera.test/held'] };
    await world.createAsSomebodyElse({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: theirs } });
    await world.createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: held,
    });
    await kubectl(['delete', 'namespace', theirs, '--wait=false']);
    await expect(world.run(job('late', { namespace: theirs }))).rejects.toMatchObject({
      code: 'kube.terminating',
      retryable: true,
    });
    await kubectl(['patch', 'configmap', 'held', '-n', theirs, '-p', '{"metadata":{"finalizers":null}}']);
  });
});
