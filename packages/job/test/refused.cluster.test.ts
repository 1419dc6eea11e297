import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { runJob } from '../src/run/index.ts';
import { accountWith, eventually, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { job } = world;

const left = (name: string, namespace: string) =>
  kubectl([
    'get',
    'jobs,secrets,configmaps',
    '-n',
    namespace,
    '-l',
    `project-planton.org/resource-name=${name}`,
    '-o',
    'name',
  ]);

/** A namespace that may have so many ConfigMaps, with the one that the cluster puts there. */
async function narrow(what: string, configMaps: number): Promise<string> {
  const namespace = world.name(what);
  await world.createAsSomebodyElse({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const used = () => kubectlJson<{ status?: { used?: object } }>('get', 'resourcequota', 'narrow', '-n', namespace);
  await world.createAsSomebodyElse({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'narrow', namespace },
    spec: { hard: { configmaps: String(configMaps) } },
  });
  await eventually(async () => (await used()).status?.used, { configmaps: '1' });
  return namespace;
}

const configMaps = { one: 'a', two: 'b', three: 'c' };

describe.concurrent('a run that is refused', () => {
  test('half-way by a quota leaves nothing that it had made', async () => {
    const namespace = await narrow('quota', 2);
    const manifest = job('crowded', { namespace, env: { secrets: { KEY: { value: 'a' } } }, configMaps });
    await expect(world.run(manifest)).rejects.toMatchObject({ code: 'kube.quota_exceeded' });
    expect(await left('crowded', namespace)).toBe('');
  });

  test('beside a live Job leaves it and what was there as it was', async () => {
    const namespace = await narrow('beside', 3);
    const manifest = job('growing', { namespace, suspend: true, configMaps: { one: 'before' } });
    const { uid } = await world.run(manifest);
    const grown = { ...configMaps, one: 'after' };
    await expect(world.run(job('growing', { namespace, suspend: true, configMaps: grown }))).rejects.toMatchObject({
      code: 'kube.quota_exceeded',
    });
    expect((await left('growing', namespace)).split('\n').filter(Boolean)).toEqual([
      'job.batch/growing',
      'configmap/one',
    ]);
    expect(await kubectlJson('get', 'configmap', 'one', '-n', namespace)).toMatchObject({ data: { one: 'before' } });
    expect(await kubectlJson('get', 'job', 'growing', '-n', namespace)).toMatchObject({ metadata: { uid } });
  });

  test('by rights leaves no namespace that it had made', async () => {
    const namespace = world.name('barred');
    await using account = await accountWith(world, 'founder', [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create', 'patch', 'delete'] },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
    ]);
    const manifest = job('barred', { namespace, createNamespace: true });
    await expect(runJob(account.cluster, manifest)).rejects.toMatchObject({ code: 'kube.forbidden' });
    await eventually(() => kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name']), '');
  });

  test('and may not clean up says what stays', async () => {
    const namespace = world.name('stuck');
    await using account = await accountWith(world, 'settler', [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create', 'patch'] },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
    ]);
    const manifest = job('stuck', { namespace, createNamespace: true });
    await expect(runJob(account.cluster, manifest)).rejects.toMatchObject({
      code: 'job.left_behind',
      message: expect.stringContaining(`Namespace//${namespace}`),
      cause: { code: 'kube.forbidden' },
    });
  });
});
