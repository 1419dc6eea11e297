import { connectCluster } from '@ephemera/kube';
import { afterAll, expect, test } from 'vitest';
import { followJob, watchJobs, type JobStatus } from '../src/run/index.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { eventually, forEver, shell, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { job, namespace } = world;

test('connections that are cut again and again cost no line and no status, and repeat none', async () => {
  await using proxy = await cuttingProxy();
  await using cluster = await connectCluster(proxy.access, world.cluster.owner);
  const script = 'for i in $(seq 1 60); do echo line $i; [ $((i % 10)) = 0 ] && sleep 1; done; true';
  const started = await world.run(job('cut', shell(script)));
  const lines: string[] = [];
  let cuts = 0;
  const fate = await followJob(cluster, started, {
    onEvent: (event) => {
      if (event.type !== 'log') return;
      lines.push(event.line);
      if (lines.length % 12 === 0 && proxy.cut() > 0) cuts += 1;
    },
  });
  expect(fate.outcome).toBe('complete');
  expect(lines).toEqual(Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
  expect(cuts).toBeGreaterThanOrEqual(4);
});

test('an abort ends following at once and closes what it had open, and no event comes after it', async () => {
  await using proxy = await cuttingProxy();
  await using cluster = await connectCluster(proxy.access, world.cluster.owner);
  const started = await world.run(job('aborted', forEver));
  const abort = new AbortController();
  let after = 0;
  let open = 0;
  const following = followJob(cluster, started, {
    signal: abort.signal,
    onEvent: (event) => {
      if (abort.signal.aborted) after += 1;
      else if (event.type === 'log') {
        open = proxy.open();
        abort.abort(new Error('enough'));
      }
    },
  });
  await expect(following).rejects.toThrow('enough');
  // Two watches and a log; sockets without a request may stay for the next one.
  expect(open).toBeGreaterThanOrEqual(3);
  await eventually(async () => proxy.open() <= open - 3, true);
  expect(after).toBe(0);
});

test('what the receiver of events throws ends following with it', async () => {
  const started = await world.run(job('refusing', forEver));
  const following = world.follow(started, {
    onEvent: (event) => {
      if (event.type === 'log') throw new Error('the disk is full');
    },
  });
  await expect(following).rejects.toThrow('the disk is full');
});

test('one watch tells the statuses of many jobs, also after it was cut, and which of them are gone', async () => {
  await using proxy = await cuttingProxy();
  await using cluster = await connectCluster(proxy.access, world.cluster.owner);
  const end = new AbortController();
  const states = new Map<string, JobStatus['state'] | 'gone'>();
  const errors: unknown[] = [];
  const watching = watchJobs(cluster, {
    namespace,
    labelSelector: 'ephemera.test/watched=yes',
    signal: end.signal,
    onStatus: ({ name, state }) => states.set(name, state),
    onGone: ({ name }) => states.set(name, 'gone'),
    onError: (error) => errors.push(error),
  });
  const labels = { ...job('', {}).metadata.labels, 'ephemera.test/watched': 'yes' };
  await world.run(job('watched-1', { suspend: true }, { labels }));
  await world.run(job('watched-2', shell('true'), { labels }));
  await eventually(async () => states.get('watched-1'), 'Suspended');
  expect(proxy.cut()).toBeGreaterThan(0);
  await world.run(job('watched-3', { suspend: true, ttlSecondsAfterFinished: 1 }, { labels }));
  await eventually(async () => states.get('watched-3'), 'Suspended');
  await world.cluster
    .as({ labels: { 'ephemera.test/watched': 'yes' } })
    .remove({ apiVersion: 'batch/v1', kind: 'Job', namespace, name: 'watched-1' }, {});
  await eventually(async () => Object.fromEntries(states), {
    'watched-1': 'gone',
    'watched-2': 'Complete',
    'watched-3': 'Suspended',
  });
  expect(errors.length).toBeGreaterThan(0);
  end.abort();
  await watching;
});
