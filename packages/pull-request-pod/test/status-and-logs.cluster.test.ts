import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createPrJob, prJobLogs, prJobStatus } from '../src/index.ts';
import { createAsSomebodyElse, order, patchAsSomebodyElse, patience, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

describe.concurrent('a job', () => {
  test('whose image cannot be pulled is Pending, with the reason', async () => {
    const namespace = await world.namespaceWithPods('image');
    const { jobName } = await createPrJob(
      cluster,
      order({ name: 'image', namespace, image: 'registry.invalid/nothing:1' }),
    );
    const status = await vi.waitFor(
      async () => {
        const found = await prJobStatus(cluster, { jobName, namespace, name: 'image' });
        expect(found.diagnosis?.code).toBe('pod.image_pull');
        return found;
      },
      { ...patience, timeout: 100_000 },
    );
    expect(status).toMatchObject({
      jobName,
      namespace,
      name: 'image',
      status: 'Pending',
      succeeded: 0,
      failed: 0,
      active: 1,
      conditions: [],
      diagnosis: { hint: expect.any(String) },
    });
  });

  test('that fails is Failed, with its counters, its conditions and why; its logs are those that kubectl shows by label', async () => {
    const namespace = await world.namespaceWithPods('failed');
    const { jobName } = await createPrJob(cluster, order({ name: 'failed', namespace }));
    // busybox has no docker, so the first pod fails; it is not tried again.
    await patchAsSomebodyElse(`job/${jobName}`, namespace, { spec: { backoffLimit: 0 } });
    await kubectl(['wait', '--for=condition=Failed', `job/${jobName}`, '-n', namespace, '--timeout=60s']);
    const status = await prJobStatus(cluster, { jobName, namespace });
    expect(status).toMatchObject({ name: 'failed', status: 'Failed', succeeded: 0, failed: 1, active: 0 });
    expect(status.conditions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }),
      ]),
    );
    expect(status.diagnosis).toMatchObject({ code: expect.stringMatching(/^pod\./) });
    const lines: string[] = [];
    await prJobLogs(cluster, { jobName, namespace, name: 'failed' }, { onLine: ({ line }) => void lines.push(line) });
    expect(lines.join('\n')).toContain('docker');
    expect(await kubectl(['logs', '-l', 'pr-name=failed', '-n', namespace, '--tail=-1'])).toBe(`${lines.join('\n')}\n`);
    const followed: string[] = [];
    await prJobLogs(cluster, { jobName, namespace }, { follow: true, onLine: ({ line }) => void followed.push(line) });
    expect(followed).toEqual(lines);
  });

  test('that is suspended says so', async () => {
    const namespace = await world.namespace('suspended');
    const { jobName } = await createPrJob(cluster, order({ name: 'suspended', namespace }));
    await patchAsSomebodyElse(`job/${jobName}`, namespace, { spec: { suspend: true } });
    await vi.waitFor(
      async () => expect(await prJobStatus(cluster, { jobName, namespace })).toMatchObject({ status: 'Suspended' }),
      patience,
    );
  });

  test('of another name, of another server, or that is no pull-request job, is not found', async () => {
    const namespace = await world.namespace('others');
    const { jobName } = await createPrJob(cluster, order({ name: 'others', namespace }), { instance: 'one' });
    const notFound = { code: 'pr_job.not_found' };
    expect(await prJobStatus(cluster, { jobName, namespace, name: 'others', instance: 'one' })).toMatchObject({
      jobName,
    });
    const onLine = () => {};
    for (const wrong of [
      { name: 'other' },
      { instance: 'two' },
      { jobName: 'pr-job-others-1767225600000' },
      { namespace: world.unused('none') },
    ]) {
      const ref = { jobName, namespace, ...wrong };
      await expect(prJobStatus(cluster, ref)).rejects.toMatchObject(notFound);
      await expect(prJobLogs(cluster, ref, { onLine })).rejects.toMatchObject(notFound);
    }
    const metadata = { name: 'pr-job-plain-1767225600000', namespace, labels: { 'pr-name': 'plain' } };
    const pod = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox:1', command: ['true'] }] };
    await createAsSomebodyElse({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec: pod } } });
    await expect(prJobStatus(cluster, { jobName: metadata.name, namespace })).rejects.toMatchObject(notFound);
  });
});
