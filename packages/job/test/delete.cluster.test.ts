import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { deleteJob } from '../src/run/index.ts';
import { eventually, forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

const kinds = 'jobs,pods,secrets,configmaps';
const left = (name: string, where = namespace) =>
  kubectl(['get', kinds, '-n', where, '-l', `project-planton.org/resource-name=${name}`, '-o', 'name']);
const exists = async (ns: string) =>
  (await kubectl(['get', 'namespace', ns, '-o', 'name', '--ignore-not-found'])) !== '';

describe.concurrent('deleting a job', () => {
  test('in the middle of a run removes the Job, its pods, Secrets and ConfigMaps, and proves it', async () => {
    const manifest = job('busy', {
      ...forEver,
      parallelism: 2,
      completions: 2,
      env: { secrets: { KEY: { value: 'a' } } },
      configMaps: { 'busy.conf': 'a' },
    });
    const started = await world.run(manifest);
    const running = new AbortController();
    const following = world.follow(started, {
      signal: running.signal,
      onEvent: (event) => {
        if (event.type === 'status' && event.status.ready === 2) running.abort(new Error('both run'));
      },
    });
    await expect(following).rejects.toThrow('both run');
    const pods = (await world.pods(started)).map(({ metadata }) => `Pod/${namespace}/${metadata.name}`);
    const waiting: string[] = [];
    const deletion = await deleteJob(cluster, started, { onWaiting: (text) => waiting.push(text) });
    expect(deletion.kept).toEqual([]);
    expect(deletion.removed.toSorted()).toEqual(
      [
        `Job/${namespace}/busy`,
        `Secret/${namespace}/busy-env-secrets`,
        `ConfigMap/${namespace}/busy.conf`,
        ...pods,
      ].toSorted(),
    );
    expect(pods).toHaveLength(2);
    expect(waiting[0]).toContain('Job busy');
    expect(await left('busy')).toBe('');
  });

  test('again, and of a job that never was, removes nothing and is fine', async () => {
    const started = await world.run(job('twice', shell('true')));
    const both = await Promise.all([deleteJob(cluster, started), deleteJob(cluster, started)]);
    expect(both.flatMap(({ removed }) => removed)).toContain(`Job/${namespace}/twice`);
    expect(await deleteJob(cluster, started)).toEqual({ removed: [], kept: [] });
    expect(await deleteJob(cluster, { namespace, name: 'never' })).toEqual({ removed: [], kept: [] });
    expect(await deleteJob(cluster, { namespace: world.name('nowhere'), name: 'never' })).toEqual({
      removed: [],
      kept: [],
    });
  });

  test('that was only half made removes what is there', async () => {
    const manifest = job('half', {
      suspend: true,
      env: { secrets: { KEY: { value: 'a' } } },
      configMaps: { half: 'a' },
    });
    await world.run(manifest);
    await kubectl(['patch', 'configmap', 'half', '-n', namespace, '-p', '{"metadata":{"ownerReferences":null}}']);
    await kubectl(['delete', 'job', 'half', '-n', namespace, '--cascade=orphan']);
    const { removed } = await deleteJob(cluster, { namespace, name: 'half', id: null });
    expect(removed).toContain(`ConfigMap/${namespace}/half`);
    expect(await left('half')).toBe('');
  });

  test('removes pods that an earlier deletion left behind', async () => {
    const started = await world.run(job('orphans', forEver));
    await eventually(async () => (await world.pods(started)).length, 1);
    await kubectl(['delete', 'job', 'orphans', '-n', namespace, '--cascade=orphan']);
    const [pod] = await world.pods(started);
    const { removed } = await deleteJob(cluster, started);
    expect(removed).toContain(`Pod/${namespace}/${pod?.metadata.name}`);
    expect(await left('orphans')).toBe('');
  });

  test('leaves a later Job of the same name, and its ConfigMap, alone', async () => {
    const manifest = job('reborn', { suspend: true, configMaps: { 'reborn.conf': 'a' } });
    const first = await world.run(manifest);
    await deleteJob(cluster, first);
    const second = await world.run(manifest);
    const { removed, kept } = await deleteJob(cluster, first);
    expect(removed).toEqual([]);
    expect(kept).toEqual([{ object: `Job/${namespace}/reborn`, because: expect.stringContaining(second.uid) }]);
    expect((await left('reborn')).split('\n').filter(Boolean)).toEqual(['job.batch/reborn', 'configmap/reborn.conf']);
  });

  test('removes the namespace that it made', async () => {
    const own = world.name('own');
    const started = await world.run(job('alone', { ...forEver, namespace: own, createNamespace: true }));
    const { removed, kept } = await deleteJob(cluster, started);
    expect(kept).toEqual([]);
    expect(removed).toEqual(expect.arrayContaining([`Job/${own}/alone`, `Namespace//${own}`]));
    expect(await exists(own)).toBe(false);
  });

  test('keeps its namespace, and says why, while another job is in it; both gone, it goes', async () => {
    const shared = world.name('shared');
    const first = await world.run(job('first', { ...shell('true'), namespace: shared, createNamespace: true }));
    const second = await world.run(job('second', { ...forEver, namespace: shared }));
    const { removed, kept } = await deleteJob(cluster, first);
    expect(removed).toContain(`Job/${shared}/first`);
    expect(kept).toEqual([
      { object: `Namespace//${shared}`, because: expect.stringContaining(`Job/${shared}/second`) },
    ]);
    expect(await left('second', shared)).toContain('job.batch/second');
    expect(await deleteJob(cluster, second)).toMatchObject({ kept: [] });
    expect(await exists(shared)).toBe(true);
    expect(await deleteJob(cluster, first)).toEqual({ removed: [`Namespace//${shared}`], kept: [] });
    expect(await exists(shared)).toBe(false);
  });

  test('that cannot end in time says what is still there and what holds it, and can be called again', async () => {
    const started = await world.run(job('held', { suspend: true, configMaps: { 'held.conf': 'a' } }));
    const finalizers = (value: readonly string[] | null) =>
      kubectl([
        'patch',
        'configmap',
        'held.conf',
        '-n',
        namespace,
        '-p',
        JSON.stringify({ metadata: { finalizers: value } }),
      ]);
    await finalizers(['ephemera.test/held']);
    await expect(deleteJob(cluster, started, { timeoutMs: 1_500 })).rejects.toMatchObject({
      code: 'job.delete_deadline',
      retryable: true,
      message: expect.stringMatching(/ConfigMap held\.conf .*held by ephemera\.test\/held/),
    });
    await finalizers(null);
    expect(await deleteJob(cluster, started)).toMatchObject({ kept: [] });
    expect(await left('held')).toBe('');
  });

  test('an abort ends it at once', async () => {
    const started = await world.run(job('interrupted', shell('trap "" TERM; sleep 60')));
    const abort = new AbortController();
    const deleting = deleteJob(cluster, started, {
      signal: abort.signal,
      onWaiting: () => abort.abort(new Error('that is enough')),
    });
    await expect(deleting).rejects.toThrow('that is enough');
    await kubectl([
      'delete',
      'pods',
      '-n',
      namespace,
      '-l',
      'project-planton.org/resource-name=interrupted',
      '--grace-period=1',
      '--wait=false',
    ]);
    expect(await deleteJob(cluster, started)).toMatchObject({ kept: [] });
  });
});
