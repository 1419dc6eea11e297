import type { Condition, Pod } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import {
  after,
  beforeSandbox,
  container,
  event,
  jobOf,
  podOf,
  podWith,
  running,
  stamp,
  terminated,
  waiting,
} from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';

const subject = 'Pod work-x7k2p, container main';

describe('settings', () => {
  test.each([
    ['secret "nope" not found', 'Create Secret nope in namespace shop, or correct the name in the spec.'],
    ['configmap "nope" not found', 'Create ConfigMap nope in namespace shop, or correct the name in the spec.'],
    [
      "couldn't find key b in Secret shop/some",
      'Add the key b to Secret some in namespace shop, or correct it in the spec.',
    ],
    [
      "couldn't find key b in ConfigMap shop/some",
      'Add the key b to ConfigMap some in namespace shop, or correct it in the spec.',
    ],
    [
      'container has runAsNonRoot and image will run as root (pod: "work-x7k2p_shop(fd43b237)", container: main)',
      'Set runAsUser to a number other than 0, or take an image whose user is one.',
    ],
  ])('%s: pod.config, final at once', (said, hint) => {
    const pod = podWith(waiting('CreateContainerConfigError', said));
    const events = [event('Failed', `Error: ${said}`, { first: 6, count: 2, container: 'main' })];
    expect(diagnose({ job: jobOf({ backoffLimit: 6 }), pods: [pod], events, now: after(7) })).toEqual({
      code: 'pod.config',
      message: `Container main of pod work-x7k2p cannot start: ${said}.`,
      hint,
      retryable: false,
      final: true,
      subject,
      since: '2026-11-21T16:41:12.000Z',
    });
  });

  test('a copy that the node has not got yet is waited for', () => {
    const pod = podWith(
      waiting('CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition'),
    );
    expect(diagnose({ pods: [pod], events: [], now: after(7) })).toMatchObject({
      code: 'pod.config',
      final: false,
      retryable: true,
    });
  });
});

describe('a container that cannot be made', () => {
  const wrapped = (said: string) =>
    `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${said}`;
  const command = 'exec: "/nope": stat /nope: no such file or directory';
  const onFile =
    'error mounting "/pods/v" to rootfs at "/etc/passwd": mount src=/pods/v, dst=/etc/passwd: not a directory';

  test.each([
    ['a command that is not there', command, /^Correct the command/],
    ['a working directory that is a file', 'mkdir /etc/passwd: not a directory', /working directory/],
    ['a mount on a file', onFile, /^Correct the mount path/],
  ])('%s: pod.create, final although the Job has attempts left', (_name, said, hint) => {
    const end = { exitCode: 128, reason: 'StartError', message: wrapped(said), finishedAt: stamp(6) };
    const pod = podWith({ terminated: { ...end, startedAt: '1970-01-01T00:00:00Z' } });
    expect(diagnose({ job: jobOf({ backoffLimit: 6 }), pods: [pod], events: [], now: after(7) })).toEqual({
      code: 'pod.create',
      message: `Container main of pod work-x7k2p cannot start: ${said}.`,
      hint: expect.stringMatching(hint),
      retryable: false,
      final: true,
      subject,
      since: '2026-11-21T16:41:12.000Z',
    });
  });

  test('a pod that is being removed is left alone', () => {
    const metadata = { deletionTimestamp: stamp(60), deletionGracePeriodSeconds: 30 };
    const pod = podWith(waiting('CreateContainerError', 'no such thing'), { metadata });
    expect(diagnose({ pods: [pod], events: [], now: after(40) })).toBeUndefined();
  });

  test('the zero time, which the kubelet writes for what never was, is no time', () => {
    const end = { exitCode: 128, reason: 'StartError', finishedAt: '1970-01-01T00:00:00Z' };
    const found = diagnose({ pods: [podWith({ terminated: end })], events: [], now: after(7) });
    expect(found).toMatchObject({ code: 'pod.create' });
    expect(found).not.toHaveProperty('since');
  });

  test('also while it waits for its next start', () => {
    const looping = container(waiting('CrashLoopBackOff', 'back-off 10s restarting failed container=main'), {
      restartCount: 1,
      lastState: { terminated: { exitCode: 128, reason: 'StartError', message: wrapped(command) } },
    });
    const pod = podOf({
      spec: { restartPolicy: 'OnFailure' },
      status: { phase: 'Running', containerStatuses: [looping] },
    });
    expect(diagnose({ pods: [pod], events: [], now: after(7) })).toMatchObject({ code: 'pod.create', final: true });
    const trying = podOf({ status: { containerStatuses: [{ ...looping, state: running }] } });
    expect(diagnose({ pods: [trying], events: [], now: after(7) })).toBeUndefined();
  });

  test.each(['CreateContainerError', 'RunContainerError', 'PostStartHookError'])('%s is one', (reason) => {
    const pod = podWith(waiting(reason, 'no such thing'));
    expect(diagnose({ pods: [pod], events: [], now: after(7) })).toMatchObject({ code: 'pod.create', final: true });
  });

  test('a runtime that is busy is waited for, though not for ever', () => {
    const pod = podWith(waiting('CreateContainerError', 'context deadline exceeded'));
    const events = [event('Failed', 'Error: context deadline exceeded', { first: 10, container: 'main' })];
    const at = (seconds: number) => diagnose({ pods: [pod], events, now: after(seconds) });
    expect(at(69)).toMatchObject({ code: 'pod.create', final: false, retryable: true });
    expect(at(70)).toMatchObject({ final: true, retryable: true });
  });

  test('a sandbox that cannot be made is waited for like a volume', () => {
    const said =
      'Failed to create pod sandbox: rpc error: code = Unknown desc = unable to get OCI runtime for sandbox "a6c540e0": no runtime for "nowhere" is configured';
    const pod = podWith(waiting('ContainerCreating'), { status: { conditions: beforeSandbox } });
    const events = [event('FailedCreatePodSandBox', said, { first: 10, count: 4 })];
    const at = (seconds: number) => diagnose({ pods: [pod], events, now: after(seconds) });
    expect(at(69)).toMatchObject({
      code: 'pod.create',
      final: false,
      message: `Pod work-x7k2p cannot start: ${said}.`,
    });
    expect(at(70)).toMatchObject({ final: true, hint: expect.stringContaining('runtimeClassName') });
  });
});

describe('volumes', () => {
  const pod = podWith(waiting('ContainerCreating'), { status: { conditions: beforeSandbox } });
  const mount = (said: string) => `MountVolume.SetUp failed for volume "v" : ${said}`;

  test.each([
    ['configmap "nope" not found', /^Create configmap nope in namespace shop/],
    ['references non-existent secret key: zz', /^Add the key/],
    ['hostPath type check failed: /not-there-x is not a directory', /^Make that path on the node/],
  ])('%s: pod.volume, final after its grace', (said, hint) => {
    const events = [event('FailedMount', mount(said), { first: 1, last: 60, count: 6 })];
    const at = (seconds: number) => diagnose({ pods: [pod], events, now: after(seconds) });
    expect(at(60.9)).toEqual({
      code: 'pod.volume',
      message: `Pod work-x7k2p waits for a volume: ${mount(said)}.`,
      hint: expect.stringMatching(hint),
      retryable: true,
      final: false,
      subject: 'Pod work-x7k2p',
      since: '2026-11-21T16:41:07.000Z',
    });
    expect(at(61)).toMatchObject({ final: true });
  });

  test('what is wrong is told, not the summary that follows it', () => {
    const events = [
      event('FailedMount', mount('configmap "nope" not found'), { first: 1 }),
      event('FailedMount', 'Unable to attach or mount volumes: unmounted volumes=[v]: timed out', { first: 120 }),
    ];
    expect(diagnose({ pods: [pod], events, now: after(121) })?.message).toContain('configmap "nope" not found');
  });

  test('a volume that was mounted since is no longer waited for', () => {
    const events = [event('FailedMount', mount('busy'), { first: 1 }), event('Pulling', 'Pulling image', { first: 9 })];
    expect(diagnose({ pods: [pod], events, now: after(100) })).toBeUndefined();
    const started = podWith(waiting('ContainerCreating'));
    expect(diagnose({ pods: [started], events: events.slice(0, 1), now: after(100) })).toBeUndefined();
    const atWork = podWith(running, { status: { conditions: [] } });
    expect(diagnose({ pods: [atWork], events: events.slice(0, 1), now: after(100) })).toBeUndefined();
  });
});

describe('a pod that no node takes', () => {
  const unplaced = (message: string, reason = 'Unschedulable'): Pod => {
    const scheduled: Condition = {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      lastTransitionTime: stamp(0),
    };
    return podOf({ spec: { nodeName: undefined }, status: { conditions: [scheduled] } });
  };
  const cpu =
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';

  test.each([
    [cpu, 'Ask for less cpu, add nodes, or wait until others are done.'],
    [
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
      'Correct nodeSelector or affinity, or label a node so that it fits.',
    ],
    [
      '0/1 nodes are available: persistentvolumeclaim "nope" not found. not found',
      'Create the volume claim that the message names, or see why it is not bound: kubectl get pvc.',
    ],
    [
      '0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate.',
      'Add the toleration, or remove the taint that the message names.',
    ],
  ])('%s: the text of the scheduler, final after its grace', (said, hint) => {
    const at = (seconds: number) => diagnose({ pods: [unplaced(said)], events: [], now: after(seconds) });
    expect(at(119.9)).toEqual({
      code: 'pod.unschedulable',
      message: `No node takes pod work-x7k2p: ${said.replace(/\.$/, '')}.`,
      hint,
      retryable: true,
      final: false,
      ...(said === cpu && { lacksRoom: true }),
      subject: 'Pod work-x7k2p',
      since: '2026-11-21T16:41:06.000Z',
    });
    expect(at(120)).toMatchObject({ final: true });
  });

  test.each([
    [cpu, true],
    ['0/2 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {gpu: only}.', true],
    ['0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.', true],
    ['0/1 nodes are available: 1 node(s) were unschedulable.', true],
    ['0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}.', undefined],
    ["0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", undefined],
    ['0/1 nodes are available: persistentvolumeclaim "nope" not found.', undefined],
  ])('%s: is it a lack of room? %s', (said, room) => {
    expect(diagnose({ pods: [unplaced(said)], events: [], now: after(1) })?.lacksRoom).toBe(room);
  });

  test('a scale-up starts the grace again', () => {
    const events = [event('TriggeredScaleUp', 'pod triggered scale-up: [{pool 1->2 (max: 5)}]', { first: 100 })];
    const at = (seconds: number) => diagnose({ pods: [unplaced(cpu)], events, now: after(seconds) });
    expect(at(219)).toMatchObject({
      final: false,
      message: `No node takes pod work-x7k2p: ${cpu} A new node was asked for.`,
    });
    expect(at(220)).toMatchObject({ final: true });
  });

  test('so does one that the cluster only counts once more', () => {
    const first = event('TriggeredScaleUp', 'pod triggered scale-up', { first: 10 });
    const repeated = { ...first, lastTimestamp: null, series: { count: 2, lastObservedTime: stamp(100) } };
    const at = (seconds: number) => diagnose({ pods: [unplaced(cpu)], events: [repeated], now: after(seconds) });
    expect([at(219)?.final, at(220)?.final]).toEqual([false, true]);
  });

  test('an autoscaler that declines is quoted', () => {
    const declined = "pod didn't trigger scale-up: 1 max node group size reached";
    const events = [
      event('TriggeredScaleUp', 'yes', { first: 20 }),
      event('NotTriggerScaleUp', declined, { first: 40 }),
    ];
    expect(diagnose({ pods: [unplaced(cpu)], events, now: after(50) })?.message).toBe(
      `No node takes pod work-x7k2p: ${cpu} ${declined}.`,
    );
  });

  test('a pod that is held back on purpose has no diagnosis', () => {
    const gated = unplaced('Scheduling is blocked due to non-empty scheduling gates', 'SchedulingGated');
    expect(diagnose({ pods: [gated], events: [], now: after(900) })).toBeUndefined();
  });

  test('a node that refuses the pod ends it', () => {
    const message = "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 0, capacity: 2000";
    const pod = podOf({ status: { phase: 'Failed', reason: 'OutOfcpu', message } });
    expect(diagnose({ pods: [pod], events: [], now: after(3) })).toMatchObject({
      code: 'pod.unschedulable',
      message: `Node node-1 refused pod work-x7k2p (OutOfcpu): ${message}.`,
      final: true,
    });
    expect(diagnose({ job: jobOf({ backoffLimit: 3 }), pods: [pod], events: [], now: after(3) })).toMatchObject({
      final: false,
    });
  });
});

test('a pod that failed for a reason of its own is not silent', () => {
  const pod = podOf({ status: { phase: 'Failed', reason: 'SysctlForbidden', message: 'forbidden sysctl: "a.b"' } });
  expect(diagnose({ pods: [pod], events: [], now: after(3) })).toMatchObject({
    code: 'pod.crashed',
    message: 'Pod work-x7k2p failed: SysctlForbidden: forbidden sysctl: "a.b".',
  });
  expect(diagnose({ pods: [podWith(terminated(0))], events: [], now: after(3) })).toBeUndefined();
});
