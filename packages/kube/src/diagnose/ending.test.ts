import type { ContainerState, Pod } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import {
  after,
  container,
  failedJob,
  jobOf,
  podOf,
  podWith,
  running,
  stamp,
  terminated,
  waiting,
  type RecordedPod,
} from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';

const subject = 'Pod work-x7k2p, container main';
const now = after(20);
const backOff = 'back-off 10s restarting failed container=main pod=work-x7k2p_shop(3df748e7)';
const looping = waiting('CrashLoopBackOff', backOff);

/** A pod whose container runs, or waits to run, once more. */
function again(state: ContainerState, lastState: ContainerState, { spec = {}, restarts = 1 } = {}): Pod {
  const containerStatuses = [container(state, { lastState, restartCount: restarts })];
  return podOf({ spec: { restartPolicy: 'OnFailure', ...spec }, status: { phase: 'Running', containerStatuses } });
}

describe('crashed', () => {
  test('a program that ended with an error: pod.crashed with its exit code, final without attempts left', () => {
    const expected = {
      code: 'pod.crashed',
      message: 'Container main of pod work-x7k2p ended with exit code 3.',
      hint: 'Read the last lines of its log.',
      retryable: false,
      final: true,
      subject,
      since: '2026-11-21T16:41:14.000Z',
    };
    const pods = [podWith(terminated(3))];
    expect(diagnose({ pods, events: [], now })).toEqual(expected);
    expect(diagnose({ job: jobOf({ backoffLimit: 0 }), pods, events: [], now })).toEqual(expected);
    expect(diagnose({ job: jobOf({ backoffLimit: 1 }), pods, events: [], now })).toEqual({ ...expected, final: false });
    const failed = failedJob('BackoffLimitExceeded', 'Job has reached the specified backoff limit', {
      backoffLimit: 1,
    });
    expect(diagnose({ job: failed, pods, events: [], now })).toEqual(expected);
  });

  test('the attempts that are left are counted by the Job or by its pods, whichever is ahead', () => {
    const pods = ['a', 'b', 'c'].map((name) => podWith(terminated(3), { name }));
    const final = (backoffLimit: number, failed: number) =>
      diagnose({ job: jobOf({ backoffLimit }, { failed }), pods, events: [], now })?.final;
    expect([final(2, 0), final(3, 0), final(3, 3), final(3, 4)]).toEqual([true, false, false, true]);
  });

  test('restarts within a pod count too, as the Job counts them', () => {
    const final = (backoffLimit: number, restarts: number) =>
      diagnose({ job: jobOf({ backoffLimit }), pods: [again(looping, terminated(3), { restarts })], events: [], now })
        ?.final;
    expect([final(0, 0), final(3, 2), final(3, 3)]).toEqual([true, false, true]);
  });

  test('without a Job a container that ends again and again is final, after the restarts that the caller allows', () => {
    const pods = [again(looping, terminated(3))];
    expect(diagnose({ pods, events: [], now })).toMatchObject({
      message: 'Container main of pod work-x7k2p ended with exit code 3, after 1 restart.',
      final: true,
    });
    expect(diagnose({ pods, events: [], now }, { crashRestarts: 2 })).toMatchObject({ final: false });
  });

  test('one that runs again has its chance', () => {
    expect(diagnose({ pods: [again(running, terminated(3))], events: [], now })).toBeUndefined();
  });

  test('a service whose program ends well, again and again, fails too', () => {
    const spec = { restartPolicy: 'Always' };
    const found = diagnose({ pods: [again(looping, terminated(0), { spec })], events: [], now });
    expect(found).toMatchObject({ code: 'pod.crashed', message: expect.stringContaining('exit code 0') });
    expect(diagnose({ pods: [again(running, terminated(0), { spec })], events: [], now })).toBeUndefined();
  });

  test.each([
    [137, 'Error', undefined, 'exit code 137 (SIGKILL)'],
    [143, 'Error', undefined, 'exit code 143 (SIGTERM)'],
    [
      1,
      'ContainerStatusUnknown',
      'The container could not be located',
      'exit code 1 (ContainerStatusUnknown): The container could not be located',
    ],
    [2, 'Error', 'usage: tool FILE', 'exit code 2: usage: tool FILE'],
  ])('exit code %i, %s, %s is told as: %s', (code, reason, last, told) => {
    expect(diagnose({ pods: [podWith(terminated(code, reason, last))], events: [], now })?.message).toBe(
      `Container main of pod work-x7k2p ended with ${told}.`,
    );
  });

  test('how it ended may be lost', () => {
    expect(diagnose({ pods: [again(looping, {})], events: [], now })?.message).toContain('exit code unknown');
  });

  test('a container that was killed because its pod is removed has not crashed', () => {
    const metadata = { deletionTimestamp: stamp(37), deletionGracePeriodSeconds: 30 };
    expect(diagnose({ pods: [podWith(terminated(143), { metadata })], events: [], now })).toBeUndefined();
    const later = { deletionTimestamp: stamp(40), deletionGracePeriodSeconds: 30 };
    expect(diagnose({ pods: [podWith(terminated(3), { metadata: later })], events: [], now })).toMatchObject({
      code: 'pod.crashed',
    });
  });

  test('a sidecar that is stopped with its pod has not crashed; one that keeps the others from beginning has', () => {
    const spec = {
      restartPolicy: 'Never',
      initContainers: [{ name: 'proxy', image: 'busybox:1', restartPolicy: 'Always' }],
    };
    const proxy = (state: ContainerState) =>
      container(state, { name: 'proxy', restartCount: 1, lastState: terminated(1) });
    const pod = (state: ContainerState, main: ContainerState, phase: 'Failed' | 'Pending') =>
      podOf({ spec, status: { phase, initContainerStatuses: [proxy(state)], containerStatuses: [container(main)] } });
    const main = diagnose({ pods: [pod(terminated(143), terminated(3), 'Failed')], events: [], now });
    expect(main).toMatchObject({ subject, message: expect.stringContaining('exit code 3') });
    const blocked = pod(looping, waiting('PodInitializing'), 'Pending');
    expect(diagnose({ job: jobOf({ backoffLimit: 6 }), pods: [blocked], events: [], now })).toMatchObject({
      code: 'pod.crashed',
      subject: 'Pod work-x7k2p, init container proxy',
      final: true,
    });
    expect(diagnose({ pods: [pod(looping, running, 'Pending')], events: [], now })).toMatchObject({ final: false });
  });

  test('the rules of a failure policy decide before the limit does', () => {
    const rule = (action: string, values: readonly number[], more: object = {}) => ({
      action,
      onExitCodes: { operator: 'In', values, ...more },
    });
    const final = (code: number, rules: readonly object[], backoffLimit: number) =>
      diagnose({
        job: jobOf({ backoffLimit, podFailurePolicy: { rules } }),
        pods: [podWith(terminated(code))],
        events: [],
        now,
      })?.final;
    expect(final(42, [rule('FailJob', [42])], 6)).toBe(true);
    expect(final(41, [rule('FailJob', [42])], 6)).toBe(false);
    expect(final(42, [rule('FailJob', [42], { containerName: 'other' })], 6)).toBe(false);
    expect(final(42, [rule('Ignore', [42])], 0)).toBe(false);
    expect(final(42, [rule('FailJob', [1], { operator: 'NotIn' })], 6)).toBe(true);
    expect(final(42, [rule('Count', [42]), rule('FailJob', [42])], 6)).toBe(false);
  });

  test('a failed pod of a Job is history once its follower runs', () => {
    const old = podWith(terminated(3), { name: 'old' });
    const metadata = { creationTimestamp: stamp(15) };
    const next = (state: ContainerState, labels = {}) =>
      podWith(state, { name: 'next', metadata: { ...metadata, uid: 'n', labels } });
    const job = jobOf({ backoffLimit: 6 });
    expect(diagnose({ job, pods: [old, next(running)], events: [], now })).toBeUndefined();
    expect(diagnose({ job, pods: [old, next(waiting('ContainerCreating'))], events: [], now })).toMatchObject({
      code: 'pod.crashed',
    });
    const otherIndex = next(running, { 'batch.kubernetes.io/job-completion-index': '1' });
    expect(diagnose({ job, pods: [old, otherIndex], events: [], now })).toMatchObject({ code: 'pod.crashed' });
  });
});

describe('out of memory', () => {
  const limits = { containers: [{ name: 'main', image: 'busybox:1', resources: { limits: { memory: '16Mi' } } }] };
  const killed = terminated(137, 'OOMKilled');

  test('pod.out_of_memory with the limit', () => {
    expect(diagnose({ job: jobOf(), pods: [podWith(killed, { spec: limits })], events: [], now })).toEqual({
      code: 'pod.out_of_memory',
      message:
        'Container main of pod work-x7k2p was killed, as it used more than its memory limit of 16Mi (OOMKilled, exit code 137).',
      hint: 'Raise the memory limit of the container, or make the program use less.',
      retryable: false,
      final: true,
      subject,
      since: '2026-11-21T16:41:14.000Z',
    });
  });

  test('it is told while the container runs again, but is not final; after a while it is over', () => {
    const pods = [again(running, killed, { spec: limits })];
    const job = jobOf({ backoffLimit: 0 });
    expect(diagnose({ job, pods, events: [], now })).toMatchObject({
      code: 'pod.out_of_memory',
      message: expect.stringMatching(/, after 1 restart; it runs again\.$/),
      final: false,
    });
    expect(diagnose({ job, pods, events: [], now: after(606) })).toBeUndefined();
  });

  test('while it waits for its next start it is final when the Job has no attempts left', () => {
    const pods = [again(looping, killed)];
    expect(diagnose({ job: jobOf({ backoffLimit: 3 }), pods, events: [], now })).toMatchObject({
      code: 'pod.out_of_memory',
      final: false,
    });
    expect(diagnose({ job: jobOf({ backoffLimit: 1 }), pods, events: [], now })).toMatchObject({ final: true });
  });

  test('a program that got along without its killed child has done its work', () => {
    expect(diagnose({ pods: [podWith(terminated(0, 'OOMKilled'))], events: [], now })).toBeUndefined();
    const containerStatuses = [container(terminated(0, 'OOMKilled')), container(running, { name: 'other' })];
    const half = podOf({ status: { phase: 'Running', containerStatuses } });
    expect(diagnose({ pods: [half], events: [], now })).toBeUndefined();
  });

  test('a run before the last one does not explain the last one', () => {
    expect(diagnose({ pods: [again(terminated(3), killed)], events: [], now })).toMatchObject({ code: 'pod.crashed' });
  });
});

describe('init containers', () => {
  const spec = { initContainers: [{ name: 'setup', image: 'busybox:1' }] };
  const pod = (state: ContainerState, more: RecordedPod['spec'] = {}) =>
    podOf({
      spec: { ...spec, ...more },
      status: {
        phase: state.terminated === undefined ? 'Pending' : 'Failed',
        initContainerStatuses: [container(state, { name: 'setup', lastState: state.waiting ? terminated(7) : {} })],
        containerStatuses: [container(waiting('PodInitializing'))],
      },
    });

  test('one that ended with an error: pod.init_failed', () => {
    const expected = {
      code: 'pod.init_failed',
      message: 'Init container setup of pod work-x7k2p ended with exit code 7, so the pod does not start.',
      hint: 'Read the log of init container setup.',
      retryable: false,
      final: true,
      subject: 'Pod work-x7k2p, init container setup',
      since: '2026-11-21T16:41:14.000Z',
    };
    expect(diagnose({ job: jobOf(), pods: [pod(terminated(7))], events: [], now })).toEqual(expected);
    const tried = pod(looping, { restartPolicy: 'OnFailure' });
    expect(diagnose({ job: jobOf({ backoffLimit: 4 }), pods: [tried], events: [], now })).toEqual({
      ...expected,
      final: false,
    });
  });

  test('one that is done, or still runs, is fine', () => {
    expect(diagnose({ pods: [pod(running)], events: [], now })).toBeUndefined();
    const done = { ...pod(running), status: { initContainerStatuses: [container(terminated(0), { name: 'setup' })] } };
    expect(diagnose({ pods: [done], events: [], now })).toBeUndefined();
  });

  test('what else can be wrong with a container can be wrong with one of them', () => {
    expect(
      diagnose({ pods: [pod(waiting('CreateContainerConfigError', 'secret "x" not found'))], events: [], now }),
    ).toMatchObject({
      code: 'pod.config',
      subject: 'Pod work-x7k2p, init container setup',
    });
    expect(diagnose({ pods: [pod(terminated(137, 'OOMKilled'))], events: [], now })).toMatchObject({
      code: 'pod.out_of_memory',
    });
  });
});
