import { kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { Job, Pod } from '@ephemera/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refOf } from '../src/index.ts';
import { patience, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

function jobOf(name: string, script: string, spec: object = {}): Job {
  const container = { name: 'main', image: 'busybox:1', command: ['sh', '-c', script] };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: world.namespace },
    spec: { backoffLimit: 0, ...spec, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}

/** The pod of a job, as soon as one of these phases is reached. */
async function podOfJob(name: string, phases: readonly string[]): Promise<Pod> {
  let found: Pod | undefined;
  const selection = { namespace: world.namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` };
  await expect
    .poll(async () => {
      const { items } = await world.cluster.list<Pod>('v1/Pod', selection);
      found = items.find(({ status }) => phases.includes(status?.phase ?? ''));
      return found?.status?.phase;
    }, patience)
    .toBeDefined();
  if (found === undefined) throw new Error(`no pod of ${name}`);
  return found;
}

test('the log of a container is followed to its end, and read again later', async () => {
  await world.cluster.apply(jobOf('talker', 'echo one; echo "zwei ü"; printf three'));
  const { metadata } = await podOfJob('talker', ['Running', 'Succeeded']);
  const which = { namespace: world.namespace, pod: metadata.name, container: 'main' };
  expect(await Array.fromAsync(world.cluster.logs({ ...which, follow: true }))).toEqual(['one', 'zwei ü', 'three']);
  expect(await Array.fromAsync(world.cluster.logs({ ...which, tailLines: 1 }))).toEqual(['three']);
  const [stamped] = await Array.fromAsync(world.cluster.logs({ ...which, timestamps: true }));
  expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z one$/);
});

test('the log of a container that is not there is an error, never empty', async () => {
  const which = { namespace: world.namespace, pod: 'nobody', container: 'main' };
  await expect(Array.fromAsync(world.cluster.logs(which))).rejects.toMatchObject({ code: 'kube.not_found' });
});

test('a field selector narrows a list and a watch', async () => {
  await world.cluster.apply(jobOf('field-a', 'true', { suspend: true }));
  await world.cluster.apply(jobOf('field-b', 'true', { suspend: true }));
  const selection = { namespace: world.namespace, fieldSelector: 'metadata.name=field-b' };
  const { items } = await world.cluster.list<Job>('batch/v1/Job', selection);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['field-b']);
  const seen = new Set<string>();
  const end = new AbortController();
  const watching = world.cluster.watch<Job>('batch/v1/Job', {
    ...selection,
    signal: end.signal,
    onError: (error) => end.abort(error),
    onChange: (change) => {
      if (change.type === 'listed') return;
      seen.add(change.object.metadata.name);
      end.abort();
    },
  });
  await world.cluster.patch(refOf(jobOf('field-a', '')), { merge: { metadata: { annotations: { a: 'b' } } } });
  await world.cluster.patch(refOf(jobOf('field-b', '')), { merge: { metadata: { annotations: { a: 'b' } } } });
  await watching;
  expect([...seen]).toEqual(['field-b']);
});

test('a dry run says whether the cluster would take it, and leaves nothing', async () => {
  const job = jobOf('would-be', 'true');
  const answer = await world.cluster.apply(job, { dryRun: true });
  expect(answer.spec.completions).toBe(1);
  expect(await world.cluster.get(refOf(job))).toBeUndefined();
  const bad = jobOf('would-be', 'true', { completions: -1 });
  await expect(world.cluster.apply(bad, { dryRun: true })).rejects.toMatchObject({ code: 'kube.invalid' });
});

test('a patch changes the one field, and only the object of that UID', async () => {
  const made = await world.cluster.apply(jobOf('paused', 'true', { suspend: true }));
  const stale = { uid: 'another', merge: { spec: { suspend: false } } };
  await expect(world.cluster.patch(refOf(made), stale)).rejects.toMatchObject({ code: 'kube.not_found' });
  const patched = await world.cluster.patch<Job>(refOf(made), { ...stale, uid: made.metadata.uid });
  expect(patched.spec).toMatchObject({ suspend: false, backoffLimit: 0 });
  await podOfJob('paused', ['Succeeded']);
});

test('another owner on the same connection changes and removes what is its own, and nothing of ours', async () => {
  const owner = { labels: { 'ephemera.test/job': 'theirs' } };
  const other = world.cluster.as(owner);
  const ours = await world.cluster.apply(jobOf('whose', 'true', { suspend: true }));
  await expect(other.apply(jobOf('whose', 'false'))).rejects.toMatchObject({ code: 'kube.foreign' });
  await expect(other.remove(refOf(ours))).rejects.toMatchObject({ code: 'kube.foreign' });
  const theirs = await other.apply(jobOf('theirs', 'true', { suspend: true }));
  expect(theirs.metadata.labels).toEqual({ 'ephemera.test/job': 'theirs' });
  const { items } = await other.list<Job>('batch/v1/Job', { labelSelector: other.ours });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['theirs']);
  await expect(world.cluster.remove(refOf(theirs))).rejects.toMatchObject({ code: 'kube.foreign' });
  await other[Symbol.asyncDispose]();
  // The connection is still ours.
  expect(await world.cluster.get(refOf(ours))).toBeDefined();
});

test('a job that is removed in the foreground is gone only after its pods', async () => {
  const job = jobOf('slow-end', 'trap "exit 0" TERM; while :; do sleep 1 & wait $!; done');
  await world.cluster.apply(job);
  const pod = await podOfJob('slow-end', ['Running']);
  await expect
    .poll(async () => (await world.cluster.remove(refOf(job), { propagation: 'Foreground' })).state, patience)
    .toBe('gone');
  expect(await world.cluster.get(refOf(pod))).toBeUndefined();
  const { items } = await kubectlJson<{ items: unknown[] }>(
    'get',
    'pods',
    '-n',
    world.namespace,
    '-l',
    'job-name=slow-end',
  );
  expect(items).toEqual([]);
});
