import { afterAll, describe, expect, test } from 'vitest';
import { jobStatus } from '../src/run/index.ts';
import { forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job } = world;

describe.concurrent('the five ways to run a job', () => {
  test('a single pod runs to its end, and its log arrives before the fate', async () => {
    const { fate, lines, events } = await world.runToEnd(job('single', shell('echo hello; echo world')));
    expect(fate).toMatchObject({
      outcome: 'complete',
      status: { state: 'Complete', succeeded: 1, failed: 0, active: 0, completions: 1, parallelism: 1 },
    });
    expect(lines).toEqual(['hello', 'world']);
    expect(events.at(-1)).toMatchObject({ type: 'status', status: { state: 'Complete' } });
    expect(await jobStatus(cluster, { namespace: world.namespace, name: 'single' })).toEqual(fate.status);
  });

  test('a parallel batch runs N pods at a time until M have succeeded, each with its log', async () => {
    const { fate, events, lines } = await world.runToEnd(
      job('batch', { ...shell('echo one of many'), parallelism: 2, completions: 4 }),
    );
    expect(fate).toMatchObject({ outcome: 'complete', status: { succeeded: 4, completions: 4, parallelism: 2 } });
    expect(lines).toEqual(Array.from({ length: 4 }, () => 'one of many'));
    const active = events.flatMap((event) => (event.type === 'status' ? [event.status.active] : []));
    expect(Math.max(...active)).toBe(2);
  });

  test('a work queue has no number of completions and ends when its pods say so', async () => {
    const { fate, lines } = await world.runToEnd(job('queue', { ...shell('echo the queue is empty'), parallelism: 2 }));
    expect(fate).toMatchObject({ outcome: 'complete', status: { completions: null, parallelism: 2, succeeded: 2 } });
    expect(lines).toEqual(['the queue is empty', 'the queue is empty']);
  });

  test('each pod of an Indexed job has its own JOB_COMPLETION_INDEX, as its log shows', async () => {
    const { fate, events } = await world.runToEnd(
      job('indexed', {
        ...shell('echo index $JOB_COMPLETION_INDEX'),
        completionMode: 'Indexed',
        parallelism: 3,
        completions: 3,
      }),
    );
    expect(fate).toMatchObject({ outcome: 'complete', status: { succeeded: 3, completedIndexes: '0-2' } });
    const said = events.flatMap((event) => (event.type === 'log' ? [`${event.pod.slice(0, 9)}: ${event.line}`] : []));
    expect(said.toSorted()).toEqual(['indexed-0: index 0', 'indexed-1: index 1', 'indexed-2: index 2']);
  });

  test('with OnFailure the container starts again in its pod, and the logs of all its runs arrive once', async () => {
    // A node keeps the log of the run before the last one only as long as the last one runs.
    const script =
      'n=$(cat /seen/n 2>/dev/null || echo 0); echo run $n; echo $((n + 1)) > /seen/n; test $n -ge 1 && sleep 5';
    const { fate, events, lines } = await world.runToEnd(
      job('again', {
        ...shell(script),
        restartPolicy: 'OnFailure',
        volumeMounts: [{ name: 'seen', mountPath: '/seen', emptyDir: {} }],
      }),
    );
    expect(fate).toMatchObject({ outcome: 'complete', status: { succeeded: 1 } });
    expect(lines).toEqual(['run 0', 'run 1']);
    expect(new Set(events.flatMap((event) => (event.type === 'pod' ? [event.pod] : []))).size).toBe(1);
  });

  test('init containers run first, and their logs carry their names', async () => {
    const { fate, events } = await world.runToEnd(
      job('prepared', {
        ...shell('cat /work/prepared'),
        volumeMounts: [{ name: 'work', mountPath: '/work', emptyDir: {} }],
        initContainers: [
          { name: 'prepare', image: { repo: 'busybox', tag: '1' }, ...shell('echo ready | tee /work/prepared') },
        ],
      }),
    );
    expect(fate.outcome).toBe('complete');
    const said = events.flatMap((event) => (event.type === 'log' ? [`${event.container}: ${event.line}`] : []));
    expect(said).toEqual(['prepare: ready', 'job-container: ready']);
  });

  test('changed parallelism reaches a job that runs', async () => {
    const manifest = (parallelism: number) => job('wider', { ...forEver, parallelism, completions: 3 });
    const { uid } = await world.run(manifest(1));
    const changed = await world.run(manifest(3));
    expect(changed).toMatchObject({ uid, change: 'changed' });
    const running = new AbortController();
    const following = world.follow(changed, {
      signal: running.signal,
      onEvent: (event) => {
        if (event.type === 'status' && event.status.ready === 3) running.abort(new Error('three run'));
      },
    });
    await expect(following).rejects.toThrow('three run');
  });
});
