import type { KubeEvent, Pod } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import {
  after,
  beforeSandbox,
  container,
  event,
  failedJob,
  jobOf,
  podOf,
  podWith,
  running,
  stamp,
  terminated,
  waiting,
} from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';
import { diagnosisCodes } from './diagnosis.ts';
import { defaultGraces } from './graces.ts';

const now = after(20);
const badName = podWith(waiting('InvalidImageName', 'bad'), { name: 'bad-name' });
const noConfig = podWith(waiting('CreateContainerConfigError', 'secret "x" not found'), { name: 'no-config' });
const pulling = podWith(waiting('ErrImagePull', 'not found'), { name: 'pulling' });
const crashed = podWith(terminated(3), { name: 'crashed' });
const unplaced = podOf({
  name: 'unplaced',
  status: {
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime: stamp(0) }],
  },
});

test('every code is documented once', () => {
  const codes = diagnosisCodes.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).toHaveLength(17);
});

describe('one answer', () => {
  const job = jobOf({ parallelism: 9, completions: 9, backoffLimit: 6 });
  const quota = event('FailedCreate', 'exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0', {
    about: job,
  });
  const first = (pods: readonly Pod[], events: readonly KubeEvent[] = []) => diagnose({ job, pods, events, now })?.code;

  test('what is final comes before what may pass', () => {
    expect(first([crashed, unplaced, noConfig])).toBe('pod.config');
    expect(diagnose({ job, pods: [crashed, pulling], events: [], now })).toMatchObject({ code: 'pod.crashed' });
    expect(diagnose({ job, pods: [crashed, pulling], events: [], now: after(60) })).toMatchObject({
      code: 'pod.image_pull',
    });
    expect(diagnose({ job, pods: [unplaced, pulling], events: [], now: after(119) })).toMatchObject({
      code: 'pod.image_pull',
      final: true,
    });
  });

  test('what somebody has to correct comes before what the cluster may solve', () => {
    expect(first([noConfig, badName])).toBe('pod.image_name');
    expect(first([unplaced, pulling, crashed])).toBe('pod.crashed');
    expect(first([unplaced, pulling])).toBe('pod.image_pull');
  });

  test('what is wrong with the pods that are there comes before what keeps more from coming', () => {
    expect(first([unplaced], [quota])).toBe('pod.unschedulable');
    expect(first([podWith(running)], [quota])).toBe('pod.quota');
  });

  test('what ended a pod from outside explains how its containers ended', () => {
    const pod = podWith(terminated(137, 'OOMKilled'), { status: { phase: 'Failed', reason: 'Evicted' } });
    expect(first([pod])).toBe('pod.evicted');
  });

  test('the deadline of a Job comes before all that is wrong with its pods', () => {
    const late = failedJob('DeadlineExceeded', 'Job was active longer than specified deadline');
    expect(diagnose({ job: late, pods: [badName, crashed], events: [], now })).toMatchObject({ code: 'job.deadline' });
    const conditions = late.status?.conditions?.filter(({ type }) => type === 'FailureTarget');
    const ending = jobOf({}, { active: 1, conditions });
    expect(diagnose({ job: ending, pods: [badName], events: [], now })).toMatchObject({ code: 'job.deadline' });
  });

  test('of several pods with the same trouble the newest is named', () => {
    const pods = [3, 9, 5].map((at) =>
      podWith(terminated(3), { name: `pod-${at}`, metadata: { creationTimestamp: stamp(at) } }),
    );
    expect(diagnose({ job, pods, events: [], now })?.subject).toBe('Pod pod-9, container main');
  });

  test('a pod that is stuck stays stuck, whatever newer ones do', () => {
    const newer = podWith(running, { name: 'newer', metadata: { creationTimestamp: stamp(9) } });
    expect(first([noConfig, newer])).toBe('pod.config');
  });

  test('one container of several is enough', () => {
    const containerStatuses = [
      container(running),
      container(waiting('CreateContainerConfigError', 'secret "x" not found'), { name: 'second' }),
    ];
    expect(diagnose({ pods: [podOf({ status: { containerStatuses } })], events: [], now })?.subject).toBe(
      'Pod work-x7k2p, container second',
    );
  });
});

describe('all is well', () => {
  test.each([
    ['nothing is there', { pods: [] }],
    ['a pod runs', { pods: [podWith(running, { status: { phase: 'Running' } })] }],
    ['a pod is done', { job: jobOf(), pods: [podWith(terminated(0))] }],
    [
      'a pod is done, while a phase that is behind says otherwise',
      { pods: [podWith(terminated(0), { status: { phase: 'Running' } })] },
    ],
    [
      'a Job is done, in spite of attempts that failed',
      { job: jobOf({}, { conditions: [{ type: 'Complete', status: 'True' }] }), pods: [crashed] },
    ],
    ['a Job is suspended', { job: jobOf({ suspend: true }), pods: [unplaced] }],
  ])('%s', (_name, seen) => {
    expect(diagnose({ events: [], now: after(600), ...seen })).toBeUndefined();
  });

  test('the phase alone says nothing: a pod that is called running may be broken', () => {
    const containerStatuses = [container(waiting('CreateContainerConfigError', 'secret "x" not found'))];
    const pod = podOf({ status: { phase: 'Running', containerStatuses } });
    expect(diagnose({ pods: [pod], events: [], now })).toMatchObject({ code: 'pod.config' });
  });
});

describe('clocks', () => {
  test('times in the future count as now, so that a grace still begins', () => {
    const events = [event('Failed', 'Failed to pull image "busybox:1": x', { first: 300, container: 'main' })];
    const pod = podWith(waiting('ErrImagePull', 'x'), { metadata: { creationTimestamp: stamp(300) } });
    expect(diagnose({ pods: [pod], events, now })).toMatchObject({ final: false, since: now.toISOString() });
    expect(diagnose({ pods: [pod], events, now: after(330) })).toMatchObject({ final: true });
  });

  test('without a usable clock no grace ends', () => {
    expect(diagnose({ pods: [pulling, unplaced], events: [], now: new Date(Number.NaN) })).toMatchObject({
      final: false,
    });
  });

  test('a grace is what the caller says', () => {
    const at = (imagePullMs: number) =>
      diagnose({ pods: [pulling], events: [], now: after(13) }, { imagePullMs })?.final;
    expect([at(10_000), at(10_001)]).toEqual([true, false]);
    expect(defaultGraces).toEqual({
      imagePullMs: 30_000,
      imagePullAttempts: 3,
      unschedulableMs: 120_000,
      volumeMs: 60_000,
      noPodMs: 30_000,
      crashRestarts: 0,
      healedMs: 600_000,
    });
  });
});

test('events in the newer form, with a series and an exact time, count as well', () => {
  const pod = podWith(waiting('ContainerCreating'), { status: { conditions: beforeSandbox } });
  const newer = {
    ...event('FailedMount', 'no disk'),
    count: undefined,
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: '2026-11-21T16:41:15.454287Z',
    series: { count: 7, lastObservedTime: '2026-11-21T16:41:55.498951Z' },
  } as unknown as KubeEvent;
  const at = (seconds: number) => diagnose({ pods: [pod], events: [newer], now: after(seconds) });
  expect(at(69)).toMatchObject({ code: 'pod.volume', final: false, since: '2026-11-21T16:41:15.454Z' });
  expect(at(70)).toMatchObject({ final: true });
});

test('attempts that a series counts are attempts', () => {
  const failed = event('Failed', 'Failed to pull image "busybox:1": x', { container: 'main' });
  const series = { count: 3, lastObservedTime: stamp(12) };
  const newer = { ...failed, count: undefined, series } as unknown as KubeEvent;
  const pod = podWith(waiting('ErrImagePull', 'x'));
  expect(diagnose({ pods: [pod], events: [newer], now: after(13) })).toMatchObject({ final: true });
});

test('what the cluster says is one line without control characters, and has an end', () => {
  const said = `\u001b[31msecret\u0007\n"x"\u0000\u202e not found\u2028 ${'and so on '.repeat(100_000)}`;
  const found = diagnose({ pods: [podWith(waiting('CreateContainerConfigError', said))], events: [], now });
  expect(found?.message).toMatch(/^Container main of pod work-x7k2p cannot start: secret "x" not found and so on/);
  expect(found?.message).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
  expect(found?.message.length).toBeLessThanOrEqual(1000);
  expect(found?.message.endsWith('…')).toBe(true);
});

test('a Secret whose events may not be read is still named, and the hint says what is missing', () => {
  expect(diagnose({ pods: [noConfig], events: 'unreadable', now })).toMatchObject({
    code: 'pod.config',
    hint: 'Create Secret x in namespace shop, or correct the name in the spec. The account may not list events in this namespace, so there may be more to know.',
  });
});
