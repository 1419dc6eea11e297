import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { jobLogs, jobStatus } from '../src/run/index.ts';
import { shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

describe.concurrent('a job that does not start', () => {
  test('an image that cannot be pulled ends following with the reason, and the Job stays', async () => {
    const image = { repo: 'registry.invalid/nothing', tag: '1' };
    const { fate, events } = await world.runToEnd(job('unpulled', { image }), { startTimeoutMs: 1_000 });
    expect(fate).toMatchObject({ outcome: 'cannot_start', diagnosis: { code: 'pod.image_pull', final: true } });
    expect(fate.diagnosis?.message).toContain('registry.invalid/nothing');
    expect(events).toContainEqual({ type: 'diagnosis', diagnosis: fate.diagnosis });
    expect(await jobStatus(cluster, fate.status)).toMatchObject({
      state: 'Pending',
      diagnosis: { code: 'pod.image_pull' },
    });
  });

  test('a Secret that is missing is told, and the job goes on when it comes', async () => {
    const manifest = job('needy', {
      ...shell('echo $KEY'),
      env: { secrets: { KEY: { secretRef: { name: 'later', key: 'key' } } } },
    });
    const { fate, lines } = await world.runToEnd(manifest, {
      onEvent: async (event) => {
        if (event.type !== 'diagnosis') return;
        expect(event.diagnosis).toMatchObject({ code: 'pod.config', message: expect.stringContaining('later') });
        await world.createAsSomebodyElse({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'later', namespace },
          stringData: { key: 'it came' },
        });
      },
    });
    expect(lines).toEqual(['it came']);
    expect(fate.outcome).toBe('complete');
  });

  test('a command that does not exist ends following before its retries are used up', async () => {
    const manifest = job('mistyped', { command: ['/no/such/program'], restartPolicy: 'OnFailure' });
    const { fate } = await world.runToEnd(manifest, { startTimeoutMs: 1_000 });
    expect(fate).toMatchObject({ outcome: 'cannot_start', diagnosis: { code: 'pod.create' } });
  });

  test('a quota that is used up does not refuse the Job but its pods: it is told, waited for, and passes', async () => {
    const full = world.name('full');
    await world.createAsSomebodyElse({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: full } });
    await world.createAsSomebodyElse({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'tight', namespace: full },
      spec: { hard: { pods: '0' } },
    });
    const started = await world.run(job('squeezed', { ...shell('echo at last'), namespace: full }));
    const { fate, lines } = await world.follow(started, {
      startTimeoutMs: 0,
      onEvent: async (event) => {
        if (event.type !== 'diagnosis') return;
        expect(event.diagnosis).toMatchObject({ code: 'pod.quota', message: expect.stringContaining('tight') });
        await kubectl(['patch', 'resourcequota', 'tight', '-n', full, '-p', '{"spec":{"hard":{"pods":"5"}}}']);
      },
    });
    expect(lines).toEqual(['at last']);
    expect(fate.outcome).toBe('complete');
  });

  test('a pod that no node could ever take ends following at --timeout with the reason', async () => {
    const { fate } = await world.runToEnd(
      job('unwanted', { ...shell('true'), nodeSelector: { 'ephemera.test/no': 'such' } }),
      { timeoutMs: 8_000 },
    );
    expect(fate).toMatchObject({
      outcome: 'deadline',
      diagnosis: { code: 'pod.unschedulable', message: expect.stringContaining('affinity/selector') },
    });
    expect(fate.diagnosis?.lacksRoom).toBeUndefined();
  });

  test('a pod for which no node has room is waited for, and it is said that room is all that it lacks', async () => {
    const resources = { limits: { cpu: '900', memory: '16Mi' }, requests: { cpu: '900', memory: '16Mi' } };
    const started = await world.run(job('huge', { ...shell('true'), resources }));
    const { fate } = await world.follow(started, { startTimeoutMs: 0, timeoutMs: 6_000 });
    expect(fate).toMatchObject({ outcome: 'deadline', diagnosis: { code: 'pod.unschedulable', lacksRoom: true } });
  });

  test('what keeps a later pod from starting ends following too, when nothing else of the Job is at work', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'passing', namespace } };
    await world.createAsSomebodyElse({ ...secret, stringData: { key: 'still here' } });
    const manifest = job('halfway', {
      ...shell('echo $KEY; until [ -e /tmp/go ]; do sleep 0.2; done'),
      completions: 2,
      parallelism: 1,
      env: { secrets: { KEY: { secretRef: { name: 'passing', key: 'key' } } } },
    });
    const { fate, lines, events } = await world.runToEnd(manifest, {
      startTimeoutMs: 1_000,
      onEvent: async (event) => {
        if (event.type !== 'log') return;
        await kubectl(['delete', 'secret', 'passing', '-n', namespace]);
        await kubectl(['exec', event.pod, '-n', namespace, '--', 'touch', '/tmp/go']);
      },
    });
    expect(lines).toEqual(['still here']);
    expect(fate).toMatchObject({
      outcome: 'cannot_start',
      status: { succeeded: 1 },
      diagnosis: { code: 'pod.config', message: expect.stringContaining('passing') },
    });
    expect(events).toContainEqual({ type: 'diagnosis', diagnosis: fate.diagnosis });
  });
});

test('a Job that is gone before it is followed is gone for who knows its UID, and unknown to others', async () => {
  const ref = { namespace, name: 'never-was' };
  expect((await world.follow({ ...ref, uid: 'one' })).fate).toMatchObject({ outcome: 'gone', status: ref });
  await expect(world.follow(ref)).rejects.toMatchObject({ code: 'kube.not_found' });
  await expect(jobLogs(cluster, { ...ref, uid: 'one' }, { follow: true, onLine: () => {} })).rejects.toMatchObject({
    code: 'kube.not_found',
  });
});
