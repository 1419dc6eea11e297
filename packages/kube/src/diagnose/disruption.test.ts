import type { Condition } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { after, failedJob, jobOf, podWith, running, stamp, terminated } from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';

const now = after(20);

describe('disruption', () => {
  const target = (reason: string, message: string): Condition => ({
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
    lastTransitionTime: stamp(12),
  });

  test.each([
    ['pod.evicted', 'EvictionByEvictionAPI', 'Eviction API: evicting', 'was evicted'],
    [
      'pod.preempted',
      'PreemptionByScheduler',
      'default-scheduler: preempting to accommodate a higher priority pod',
      'had to make room for a pod of higher priority',
    ],
    ['pod.node_lost', 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint', 'lost its node'],
    ['pod.node_lost', 'DeletionByPodGC', 'PodGC: node no longer exists', 'lost its node'],
    ['pod.evicted', 'SomethingNew', 'by a controller of somebody', 'was evicted'],
  ])('%s for %s, also while it ends', (code, reason, said, told) => {
    const metadata = { deletionTimestamp: stamp(42), deletionGracePeriodSeconds: 30 };
    const pod = podWith(running, { metadata, status: { conditions: [target(reason, said)] } });
    expect(diagnose({ pods: [pod], events: [], now })).toEqual({
      code,
      message: `Pod work-x7k2p ${told} (node node-1): ${reason}: ${said}.`,
      hint: expect.any(String),
      retryable: true,
      final: true,
      subject: 'Pod work-x7k2p',
      since: '2026-11-21T16:41:18.000Z',
    });
  });

  test('what the kubelet evicted, with its words instead of the exit code of the killed container', () => {
    const said = 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ';
    const pod = podWith(terminated(137), { status: { phase: 'Failed', reason: 'Evicted', message: said } });
    expect(diagnose({ pods: [pod], events: [], now })).toMatchObject({
      code: 'pod.evicted',
      message:
        'Pod work-x7k2p was evicted (node node-1): Evicted: Usage of EmptyDir volume "v" exceeds the limit "1Mi".',
      hint: expect.stringContaining('sizeLimit'),
      final: true,
    });
  });

  test('a program that ends well when it is evicted has failed all the same', () => {
    const pod = podWith(terminated(0), {
      status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
    });
    expect(diagnose({ pods: [pod], events: [], now })).toMatchObject({ code: 'pod.evicted' });
  });

  test.each([
    ['NodeLost', 'Node gone'],
    ['Terminated', 'Pod was terminated in response to imminent node shutdown.'],
  ])('a pod whose reason is %s: pod.node_lost', (reason, message) => {
    const pod = podWith(terminated(137), { status: { phase: 'Failed', reason, message } });
    expect(diagnose({ pods: [pod], events: [], now })).toMatchObject({ code: 'pod.node_lost', retryable: true });
  });

  test('it is not final while the Job makes another pod, for example as its policy ignores disruption', () => {
    const status = { phase: 'Failed', conditions: [target('EvictionByEvictionAPI', 'x')] } as const;
    const pods = [podWith(terminated(137), { status })];
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
    expect(diagnose({ job: jobOf(), pods, events: [], now })).toMatchObject({ final: true });
    expect(diagnose({ job: jobOf({ podFailurePolicy: { rules } }), pods, events: [], now })).toMatchObject({
      final: false,
    });
    expect(diagnose({ job: jobOf({ backoffLimit: 2 }), pods, events: [], now })).toMatchObject({ final: false });
  });
});

describe('deadline', () => {
  test('of the Job: job.deadline with its limit', () => {
    const said = 'Job was active longer than specified deadline';
    expect(
      diagnose({ job: failedJob('DeadlineExceeded', said, { activeDeadlineSeconds: 3 }), pods: [], events: [], now }),
    ).toEqual({
      code: 'job.deadline',
      message: `Job work ran longer than its limit of 3 s (activeDeadlineSeconds): ${said}.`,
      hint: expect.stringMatching(/^Raise activeDeadlineSeconds/),
      retryable: false,
      final: true,
      subject: 'Job work',
      since: '2026-11-21T16:41:16.000Z',
    });
  });

  test('of the pod, whose container was killed for it', () => {
    const said = 'Pod was active on the node longer than the specified deadline';
    const pod = podWith(terminated(137), { status: { phase: 'Failed', reason: 'DeadlineExceeded', message: said } });
    expect(diagnose({ job: jobOf({ backoffLimit: 6 }), pods: [pod], events: [], now })).toMatchObject({
      code: 'job.deadline',
      message: `Pod work-x7k2p ran longer than its own limit (activeDeadlineSeconds of the pod): ${said}.`,
      subject: 'Pod work-x7k2p',
    });
  });
});
