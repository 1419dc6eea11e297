import type { Job } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { after, event, jobOf, podOf, podWith, running, stamp } from '../../test/recorded.ts';
import { diagnose } from './diagnose.ts';

const job = jobOf();
const few = 'exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0';

/** What the Job controller writes at each attempt: the name of the pod is another one every time. */
function refused(said: string, first = 0, about: Job = job) {
  return event('FailedCreate', `Error creating: pods "work-qwzf7" is forbidden: ${said}`, { about, first });
}

describe('quota', () => {
  test('pod.quota at once, with quota, used and asked; never final', () => {
    const events = [refused(few, 0), refused(few, 1), refused(few, 4)];
    const at = (seconds: number) => diagnose({ job, pods: [], events, now: after(seconds) });
    expect(at(1)).toEqual({
      code: 'pod.quota',
      message:
        'The pods of Job work wait for room, as quota few is used up: asked for pods=1, in use pods=0, limit pods=0.',
      hint: 'Wait until others are done, ask for less, or raise the quota few in namespace shop.',
      retryable: true,
      final: false,
      subject: 'Job work',
      since: '2026-11-21T16:41:06.000Z',
    });
    expect(at(86_400)).toMatchObject({ code: 'pod.quota', final: false });
  });

  test('many attempts, which the cluster puts into one event', () => {
    const text = `(combined from similar events): Error creating: pods "work-w756d" is forbidden: ${few}`;
    const events = [event('FailedCreate', text, { about: job, first: 240, last: 480, count: 5 })];
    expect(diagnose({ job, pods: [], events, now: after(500) })?.message).toContain(
      'asked for pods=1, in use pods=0, limit pods=0.',
    );
  });

  test('it is over as soon as pods were made', () => {
    const made = event('SuccessfulCreate', 'Created pod: work-x7k2p', { about: job, first: 10 });
    expect(diagnose({ job, pods: [], events: [refused(few), made], now: after(11) })).toBeUndefined();
    expect(diagnose({ job, pods: [podWith(running)], events: [refused(few)], now: after(11) })).toBeUndefined();
  });

  test('it is told while some of the pods run', () => {
    const five = jobOf({ parallelism: 5, completions: 5 }, { active: 3 });
    const events = [event('SuccessfulCreate', 'Created pod', { about: five }), refused(few, 10, five)];
    const pods = [podWith(running, { name: 'a' }), podWith(running, { name: 'b' }), podWith(running, { name: 'c' })];
    expect(diagnose({ job: five, pods, events, now: after(11) })).toMatchObject({ code: 'pod.quota', final: false });
    const wound = jobOf({ parallelism: 5, completions: 5 }, { active: 3, succeeded: 2 });
    expect(diagnose({ job: wound, pods, events, now: after(11) })).toBeUndefined();
  });

  test('a work queue that is being emptied wants no more pods', () => {
    const queue = jobOf({ parallelism: 3, completions: undefined }, { active: 1, succeeded: 2 });
    const events = [refused(few, 10, queue)];
    expect(diagnose({ job: queue, pods: [podWith(running)], events, now: after(11) })).toBeUndefined();
  });

  test('pods that something else than a Job makes', () => {
    const set = { ...job, kind: 'ReplicaSet', metadata: { ...job.metadata, name: 'web', uid: 'uid-web' } };
    expect(diagnose({ pods: [], events: [refused(few, 0, set)], now: after(1) })).toMatchObject({
      code: 'pod.quota',
      subject: 'Pods',
    });
    const made = event('SuccessfulCreate', 'Created pod: web-x', { about: set, first: 5 });
    expect(diagnose({ pods: [], events: [refused(few, 0, set), made], now: after(6) })).toBeUndefined();
  });

  test('events of another Job say nothing about this one', () => {
    const other = { ...job, metadata: { ...job.metadata, name: 'other', uid: 'uid-other' } };
    expect(diagnose({ job, pods: [], events: [refused(few, 0, other)], now: after(1) })).toBeUndefined();
  });
});

describe('admission', () => {
  const restricted =
    'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

  test.each([
    [restricted, /Pod Security level restricted of the namespace/],
    ['maximum cpu usage per Container is 1, but limit is 2', /LimitRange/],
    ['failed quota: few: must specify limits.cpu for: main', /^Set requests and limits/],
    ['admission webhook "pods.example.com" denied the request: no latest tag', /the rule that the message names/],
    [
      "ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: not here",
      /the rule that the message names/,
    ],
    ['pod rejected: RuntimeClass "none" not found', /^Create the runtime class/],
  ])('%s: pod.admission, final at once, with the rule', (said, hint) => {
    expect(diagnose({ job, pods: [], events: [refused(said)], now: after(1) })).toEqual({
      code: 'pod.admission',
      message: `The cluster refuses the pods of Job work: ${said}.`,
      hint: expect.stringMatching(hint),
      retryable: false,
      final: true,
      subject: 'Job work',
      since: '2026-11-21T16:41:06.000Z',
    });
  });

  test('a webhook that does not answer may come back', () => {
    const said = 'Error creating: Internal error occurred: failed calling webhook "a.b": connection refused';
    const events = [event('FailedCreate', said, { about: job, first: 0 })];
    const at = (seconds: number) => diagnose({ job, pods: [], events, now: after(seconds) });
    expect(at(29)).toMatchObject({ code: 'pod.admission', final: false, retryable: true });
    expect(at(30)).toMatchObject({ final: true });
  });
});

describe('service account', () => {
  const missing = (name: string) =>
    event(
      'FailedCreate',
      `Error creating: pods "work-" is forbidden: error looking up service account shop/${name}: serviceaccount "${name}" not found`,
      { about: job, first: 0, count: 5 },
    );

  test('one that does not exist: pod.account, final at once', () => {
    expect(diagnose({ job, pods: [], events: [missing('nobody')], now: after(1) })).toEqual({
      code: 'pod.account',
      message:
        'The pods of Job work cannot be made: error looking up service account shop/nobody: serviceaccount "nobody" not found.',
      hint: expect.stringMatching(/^Create service account nobody in namespace shop/),
      retryable: false,
      final: true,
      subject: 'Job work',
      since: '2026-11-21T16:41:06.000Z',
    });
  });

  test('the one that the cluster makes with a namespace is waited for', () => {
    const at = (seconds: number) => diagnose({ job, pods: [], events: [missing('default')], now: after(seconds) });
    expect(at(1)).toMatchObject({ code: 'pod.account', final: false, retryable: true });
    expect(at(30)).toMatchObject({ final: true });
  });
});

describe('no pod', () => {
  test('pod.missing when nothing was heard for its grace, and nothing before', () => {
    expect(diagnose({ job, pods: [], events: [], now: after(29.9) })).toBeUndefined();
    expect(diagnose({ job, pods: [], events: [], now: after(30) })).toEqual({
      code: 'pod.missing',
      message: 'Job work was accepted, but no pod of it appears, and no event says why.',
      hint: expect.stringContaining('kube-controller-manager'),
      retryable: true,
      final: true,
      subject: 'Job work',
      since: '2026-11-21T16:41:06.000Z',
    });
  });

  test('a refusal in words that we do not know is quoted, and final after the grace', () => {
    const said = 'unable to create new content in namespace shop because it is being terminated';
    const at = (seconds: number) => diagnose({ job, pods: [], events: [refused(said)], now: after(seconds) });
    expect(at(1)).toMatchObject({
      code: 'pod.missing',
      message: `The pods of Job work cannot be made: ${said}.`,
      final: false,
    });
    expect(at(30)).toMatchObject({ final: true });
  });

  test('where events may not be read it is never final, and the hint says so', () => {
    const found = diagnose({ job, pods: [], events: 'unreadable', now: after(300) });
    expect(found).toMatchObject({ code: 'pod.missing', final: false });
    expect(found?.hint).toMatch(/kubectl describe job\. The account may not list events in this namespace/);
  });

  test('a resumed Job is counted from when it was resumed', () => {
    const resumed = jobOf({}, { startTime: stamp(100) });
    expect(diagnose({ job: resumed, pods: [], events: [], now: after(129) })).toBeUndefined();
    expect(diagnose({ job: resumed, pods: [], events: [], now: after(130) })).toMatchObject({ code: 'pod.missing' });
  });

  test.each([
    ['suspended', jobOf({ suspend: true })],
    ['complete', jobOf({}, { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] })],
    ['about to be complete', jobOf({}, { conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }] })],
    ['without parallelism', jobOf({ parallelism: 0 })],
    ['one whose pods the caller has not seen yet', jobOf({}, { active: 1 })],
    ['one of whose pods the caller has seen none yet', jobOf({ parallelism: 2, completions: 2 }, { active: 1 })],
  ])('a Job that is %s is fine', (_name, fine) => {
    expect(diagnose({ job: fine, pods: [], events: [], now: after(3600) })).toBeUndefined();
  });

  test('a Job with a pod has one', () => {
    expect(diagnose({ job, pods: [podOf()], events: [], now: after(3600) })).toBeUndefined();
  });
});
