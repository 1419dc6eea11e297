import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { afterAll, describe, expect, test } from 'vitest';
import { deleteJob, type StartedJob } from '../src/run/index.ts';
import { forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

const metadataOf = async (kind: string, name: string, where = namespace) =>
  (await kubectlJson<KubeObject>('get', kind, name, '-n', where)).metadata;

/** The cluster in which something happens right before the namespace is looked at. */
function meddled(real: Cluster, before: () => Promise<unknown>): Cluster {
  return {
    ...real,
    get: async (ref, signal) => {
      if (ref.kind === 'Namespace') await before();
      return real.get(ref, signal);
    },
    as: (owner) => meddled(real.as(owner), before),
  };
}

describe.concurrent('running a job again', () => {
  test('a Job that is made while an earlier one of its name is being deleted is kept', async () => {
    const manifest = job('overtaken', { ...forEver, configMaps: { 'overtaken.conf': 'a' } });
    const first = await world.run(manifest);
    const labels = {
      'project-planton.org/resource-kind': 'KubernetesJob',
      'project-planton.org/resource-name': 'overtaken',
    };
    // Holds the deletion up until the second run is there; that one does not wait for it.
    await world.createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'straggler', namespace, labels, finalizers: ['ephemera.test/held'] } as KubeObject['metadata'],
    });
    let again: Promise<StartedJob> | undefined;
    const { removed, kept } = await deleteJob(cluster, first, {
      onWaiting: () => void (again ??= world.run(manifest)),
    });
    const second = await again;
    expect(second?.uid).not.toBe(first.uid);
    expect(removed).toContain(`Job/${namespace}/overtaken`);
    expect(kept).toEqual([
      { object: `Job/${namespace}/overtaken`, because: expect.stringContaining(`${second?.uid}`) },
    ]);
    const left = await metadataOf('job', 'overtaken');
    expect(left).toMatchObject({ uid: second?.uid });
    expect(left.deletionTimestamp).toBeUndefined();
    expect(await metadataOf('configmap', 'overtaken.conf')).toMatchObject({ ownerReferences: [{ uid: second?.uid }] });
    await kubectl(['patch', 'configmap', 'straggler', '-n', namespace, '-p', '{"metadata":{"finalizers":null}}']);
  });

  test('the namespace of a job that runs again before the namespace is removed is kept', async () => {
    const own = world.name('gap');
    const manifest = job('quick', { ...forEver, namespace: own, createNamespace: true });
    const first = await world.run(manifest);
    let second: StartedJob | undefined;
    const meddling = meddled(cluster, async () => (second ??= await world.run(manifest)));
    const { removed, kept } = await deleteJob(meddling, first);
    expect(removed).toContain(`Job/${own}/quick`);
    expect(kept).toEqual([{ object: `Namespace//${own}`, because: expect.stringContaining(`Job/${own}/quick`) }]);
    expect((await metadataOf('job', 'quick', own)).deletionTimestamp).toBeUndefined();
    expect(await metadataOf('job', 'quick', own)).toMatchObject({ uid: second?.uid });
  });

  test('a Job that has ended runs again with replace, and without it says that it had ended before', async () => {
    const manifest = job('migrate', { ...shell('echo migrated'), configMaps: { 'migrate.conf': 'a' } });
    const first = await world.run(manifest);
    expect(first.endedBefore).toBeNull();
    await world.follow(first);
    expect(await world.run(manifest)).toMatchObject({
      uid: first.uid,
      change: 'unchanged',
      endedBefore: 'Complete',
    });
    const second = await world.run(manifest, { replace: true });
    expect(second).toMatchObject({ change: 'replaced', endedBefore: null });
    expect(second.uid).not.toBe(first.uid);
    const { fate, lines } = await world.follow(second);
    expect(fate.outcome).toBe('complete');
    expect(lines).toEqual(['migrated']);
  });

  test('replace leaves a Job alone that has not ended and is the same', async () => {
    const manifest = job('same', { suspend: true });
    const first = await world.run(manifest);
    expect(await world.run(manifest, { replace: true })).toMatchObject({ uid: first.uid, endedBefore: null });
  });

  test('what the manifest no longer has is removed from beside a live Job, and nothing of others', async () => {
    await world.run(job('neighbour', { suspend: true, configMaps: { 'neighbour.conf': 'a' } }));
    const configMaps = { 'kept.conf': 'a', 'dropped.conf': 'b' };
    const first = await world.run(job('shrinking', { suspend: true, configMaps }));
    const second = await world.run(job('shrinking', { suspend: true, configMaps: { 'kept.conf': 'a' } }));
    expect(second).toMatchObject({ uid: first.uid, change: 'changed' });
    await expect(metadataOf('configmap', 'dropped.conf')).rejects.toThrow('not found');
    await metadataOf('configmap', 'kept.conf');
    await metadataOf('configmap', 'neighbour.conf');
  });
});
