import type { Diagnosis } from '@ephemera/kube';
import type { ContainerState, Job, Pod } from '@ephemera/model';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bell } from './bell.ts';
import { explainStandstill } from './explain-standstill.ts';

const begun = new Date('2026-11-21T16:41:06Z');
// The clock runs as fast as the test says, and everything that waits for it wakes in order.
beforeEach(() => void vi.useFakeTimers({ now: begun }));
afterEach(() => void vi.useRealTimers());

const job: Job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'a', uid: 'a', creationTimestamp: begun.toISOString() },
  spec: { parallelism: 2, completions: 2, template: { spec: { containers: [] } } },
  status: { active: 2 },
};

const pod = (name: string, state: ContainerState): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, creationTimestamp: begun.toISOString() },
  spec: { containers: [{ name: 'main', image: 'busybox:1' }] },
  status: { phase: 'Pending', containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state }] },
});

const starting = { waiting: { reason: 'ContainerCreating' } };
const noSecret = { waiting: { reason: 'CreateContainerConfigError', message: 'secret "later" not found' } };

function explain(...first: readonly Pod[]) {
  const calls = { events: 0, clock: 0 };
  const told: (string | undefined)[] = [];
  const news = bell();
  const abort = new AbortController();
  let pods = first;
  const done = explainStandstill({
    cluster: {
      list: async () => {
        calls.events += 1;
        return { items: [], resourceVersion: '1' };
      },
      clockAheadMs: async () => (calls.clock += 1) - 1,
    },
    namespace: 'shop',
    job: () => job,
    pods: () => pods,
    news,
    timeoutMs: 60_000,
    signal: abort.signal,
    onDiagnosis: (diagnosis: Diagnosis | undefined) => told.push(diagnosis?.code),
    onWarning: () => {},
  });
  let ended: Diagnosis | undefined;
  done.then(
    (diagnosis) => (ended = diagnosis),
    () => {},
  );
  return {
    calls,
    told,
    abort,
    ended: () => ended?.code,
    become: (...next: readonly Pod[]) => {
      pods = next;
      news.ring();
    },
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('while a pod stays stuck in the same way, it is asked less and less often, and the clock once', async () => {
  const { calls, become, abort } = explain(pod('p', starting));
  await pass(60_000);
  expect(calls.events).toBeLessThanOrEqual(2 * 7);
  const soFar = calls.events;
  for (let second = 0; second < 60; second += 1) {
    become({ ...pod('p', starting), metadata: { ...pod('p', starting).metadata, resourceVersion: `${second}` } });
    await pass(1_000);
  }
  expect(calls.events - soFar).toBeLessThanOrEqual(2 * 5);
  expect(calls.clock).toBe(1);
  await pass(600_000);
  expect(calls.clock).toBe(2);
  abort.abort();
});

test('what a pod shows by itself is told at once, however long nothing was asked', async () => {
  const { told, become, abort } = explain(pod('p', starting));
  await pass(65_000);
  become(pod('p', noSecret));
  await pass(500);
  expect(told).toEqual(['pod.config']);
  abort.abort();
});

test('a Job that has started is explained further, and its standstill ends it only when nothing is at work', async () => {
  const { told, ended, become } = explain(pod('first', { running: {} }));
  await pass(10_000);
  become(pod('first', { running: {} }), pod('second', noSecret));
  await pass(307_000);
  expect(told).toEqual(['pod.config']);
  expect(ended()).toBeUndefined();
  const over = pod('first', { terminated: { exitCode: 0 } });
  become({ ...over, status: { ...over.status, phase: 'Succeeded' } }, pod('second', noSecret));
  await pass(59_000);
  expect(ended()).toBeUndefined();
  await pass(2_000);
  expect(ended()).toBe('pod.config');
});

test('what has healed is told too, and begins to count anew', async () => {
  const { told, ended, become, abort } = explain(pod('p', noSecret));
  await pass(50_000);
  become(pod('p', starting));
  await pass(15_000);
  become(pod('p', noSecret));
  await pass(50_000);
  expect(told).toEqual(['pod.config', undefined, 'pod.config']);
  expect(ended()).toBeUndefined();
  abort.abort();
});

const unplaced = (message: string): Pod => {
  const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const;
  const given = pod('p', starting);
  const conditions = [{ ...scheduled, lastTransitionTime: begun.toISOString() }];
  return { ...given, status: { phase: 'Pending', conditions } };
};

test.each([
  ['0/1 nodes are available: 1 Insufficient cpu.', undefined],
  ["0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", 'pod.unschedulable'],
  ['0/1 nodes are available: persistentvolumeclaim "nope" not found.', 'pod.unschedulable'],
])('a pod of which the scheduler says %j ends following after its grace with %s', async (said, code) => {
  const { ended, abort } = explain(unplaced(said));
  await pass(119_000);
  expect(ended()).toBeUndefined();
  await pass(code === undefined ? 3_600_000 : 20_000);
  expect(ended()).toBe(code);
  abort.abort();
});
