import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { Job, KubeObject } from '@ephemera/model';
import { afterAll, describe, expect, test } from 'vitest';
import { deleteJob, jobStatus, resumeJob, runJob, suspendJob } from '../src/run/index.ts';
import { eventually, forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job, namespace } = world;

describe.concurrent('how a job ends', () => {
  test('a job that fails carries the reason, the pod, its exit code and its last lines', async () => {
    const script = 'for i in $(seq 25); do echo line $i; done; exit 3';
    const { fate, lines } = await world.runToEnd(job('failing', { ...shell(script), backoffLimit: 0 }));
    expect(lines).toHaveLength(25);
    expect(fate).toMatchObject({
      outcome: 'failed',
      status: { state: 'Failed', failed: 1, reason: 'BackoffLimitExceeded' },
      diagnosis: { code: 'pod.crashed' },
      end: { reason: 'BackoffLimitExceeded', container: 'job-container', exitCode: 3, failed: 1 },
    });
    expect(fate.end?.pod).toMatch(/^failing-/);
    expect(fate.end?.lastLines).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 6}`));
    const status = await jobStatus(cluster, { namespace, name: 'failing' });
    expect(status).toMatchObject({ state: 'Failed', diagnosis: { code: 'pod.crashed' }, end: { exitCode: 3 } });
  });

  test('the last lines are known also where the cluster deletes the pod that failed', async () => {
    // The node may restart the container before the Job gives up: each run says when it was.
    const script = 'echo last words at $(cut -d" " -f1 /proc/uptime); exit 4';
    const { fate, lines } = await world.runToEnd(
      job('deleted', { ...shell(script), backoffLimit: 0, restartPolicy: 'OnFailure' }),
    );
    expect(fate).toMatchObject({ outcome: 'failed', end: { exitCode: 4, lastLines: lines } });
    expect(lines[0]).toMatch(/^last words at \d/);
    expect(new Set(lines).size).toBe(lines.length);
    await eventually(() => world.pods(fate.status), []);
  });

  test('a job that runs longer than activeDeadlineSeconds ends as deadline, with what it had written', async () => {
    // The deadline comes once the pod has written, however long the pod took: it may be changed while the Job runs.
    const started = await world.run(job('late', forEver));
    const { fate, lines } = await world.follow(started, {
      onEvent: async (event) => {
        if (event.type === 'log') await world.run(job('late', { ...forEver, activeDeadlineSeconds: 1 }));
      },
    });
    expect(lines).toEqual(['began']);
    expect(fate).toMatchObject({ outcome: 'deadline', status: { state: 'Failed', reason: 'DeadlineExceeded' } });
    expect(fate.end?.reason).toBe('DeadlineExceeded');
  });

  test('an exit code of podFailurePolicy fails the job at once, whatever its backoffLimit', async () => {
    const { fate } = await world.runToEnd(
      job('policy', {
        ...shell('exit 42'),
        backoffLimit: 6,
        podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] },
      }),
    );
    expect(fate).toMatchObject({ outcome: 'failed', status: { failed: 1, reason: 'PodFailurePolicy' } });
    expect(fate.end).toMatchObject({ reason: 'PodFailurePolicy', exitCode: 42 });
  });

  test('a pod that is evicted does not count where podFailurePolicy ignores disruptions', async () => {
    const script =
      'trap "exit 1" TERM; if rm /shared/$FLAG 2>/dev/null; then echo again; exit 0; fi; touch /shared/$FLAG; echo first; while :; do sleep 1 & wait $!; done';
    const manifest = job('evicted', {
      ...shell(script),
      backoffLimit: 0,
      env: { variables: { FLAG: { value: world.name('evicted') } } },
      volumeMounts: [
        {
          name: 'shared',
          mountPath: '/shared',
          hostPath: { path: '/tmp', type: 'DirectoryOrCreate' },
        },
      ],
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
    });
    const { fate, lines } = await world.runToEnd(manifest, {
      onEvent: async (event) => {
        if (event.type === 'log' && event.line === 'first') await evict(event.pod);
      },
    });
    expect(lines).toEqual(['first', 'again']);
    expect(fate).toMatchObject({ outcome: 'complete', status: { succeeded: 1, failed: 0 } });
  });

  test('a suspended job starts nothing and ends following at once; resumed it runs to its end', async () => {
    const manifest = job('resting', { ...shell('echo awake'), suspend: true });
    const { fate, lines } = await world.runToEnd(manifest);
    expect(fate).toMatchObject({ outcome: 'suspended', status: { state: 'Suspended', active: 0 } });
    expect(lines).toEqual([]);
    await resumeJob(cluster, fate.status);
    const resumed = await world.follow(fate.status);
    expect(resumed.fate.outcome).toBe('complete');
    expect(resumed.lines).toEqual(['awake']);
  });

  test('suspending a job that runs ends its pods, whose logs are still read', async () => {
    const started = await world.run(job('paused', forEver));
    const { fate, lines } = await world.follow(started, {
      onEvent: async (event) => {
        if (event.type === 'log') await suspendJob(cluster, started);
      },
    });
    expect(fate.outcome).toBe('suspended');
    expect(lines).toEqual(['began']);
    await eventually(() => world.pods(started), []);
  });

  test('ttlSecondsAfterFinished removes the Job, and its Secret and ConfigMap go with it', async () => {
    const manifest = job('passing', {
      ...shell('echo $TOKEN'),
      ttlSecondsAfterFinished: 1,
      env: { secrets: { TOKEN: { value: 'hidden' } } },
      configMaps: { 'passing.conf': 'text' },
    });
    const { fate } = await world.runToEnd(manifest);
    expect(fate.outcome).toBe('complete');
    await eventually(() => left('passing'), '');
    expect(await jobStatus(cluster, fate.status)).toBeUndefined();
  });

  test('a job that is deleted while it is followed ends as gone', async () => {
    const started = await world.run(job('vanishing', forEver));
    const { fate, lines } = await world.follow(started, {
      onEvent: async (event) => {
        if (event.type === 'log') await deleteJob(cluster, started);
      },
    });
    expect(fate.outcome).toBe('gone');
    expect(lines).toEqual(['began']);
  });

  test('a time limit of the follower leaves the job running', async () => {
    const started = await world.run(job('longer', forEver));
    const { fate } = await world.follow(started, { timeoutMs: 1_500 });
    expect(fate.outcome).toBe('deadline');
    expect(fate.end).toBeUndefined();
    expect(fate.status.state).not.toBe('Failed');
    expect(await kubectlJson<Job>('get', 'job', 'longer', '-n', namespace)).toMatchObject({ status: { active: 1 } });
  });

  test('a finished job is left alone by the next run', async () => {
    const manifest = job('finished', shell('echo once'));
    const first = await world.run(manifest);
    await world.follow(first);
    expect(await runJob(cluster, manifest)).toEqual({ ...first, change: 'unchanged', endedBefore: 'Complete' });
    const { lines } = await world.follow(first);
    expect(lines).toEqual(['once']);
  });
});

async function left(name: string): Promise<string> {
  const selector = `project-planton.org/resource-name=${name}`;
  return kubectl(['get', 'jobs,pods,secrets,configmaps', '-n', namespace, '-l', selector, '-o', 'name']);
}

/** By the API that draining a node uses, which adds the condition DisruptionTarget. */
async function evict(pod: string): Promise<void> {
  const eviction: KubeObject = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
  await kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, '-f', '-'], eviction);
}
