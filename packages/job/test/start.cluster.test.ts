import { afterAll, describe, expect, test } from 'vitest';
import { jobStatus } from '../src/run/index.ts';
import { kubectl, shell, startWorld } from './world.ts';

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

  test('a pod that no node takes is told and waited for beyond the time limit for starting', async () => {
    const started = await world.run(
      job('unwanted', { ...shell('true'), nodeSelector: { 'ephemera.test/no': 'such' } }),
    );
    const told = new AbortController();
    const following = world.follow(started, {
      startTimeoutMs: 0,
      signal: told.signal,
      onEvent: (event) => {
        if (event.type === 'diagnosis') told.abort(new Error(event.diagnosis.code));
      },
    });
    await expect(following).rejects.toThrow('pod.unschedulable');
  });
});
