import type { ContainerState } from '@ephemera/model';
import { expect, test } from 'vitest';
import {
  container,
  failedJob,
  jobOf,
  podOf,
  podWith,
  running,
  stamp,
  terminated,
  waiting,
} from '../../test/recorded.ts';
import { explainEnd } from './explain-end.ts';

const limit = 'Job has reached the specified backoff limit';

test('a Job that used up its attempts: which pod, which container, which exit code', () => {
  const pods = [
    podWith(terminated(3), { name: 'work-first' }),
    podWith({ terminated: { exitCode: 4, finishedAt: stamp(30) } }, { name: 'work-last' }),
  ];
  const job = { ...failedJob('BackoffLimitExceeded', limit, { backoffLimit: 1 }) };
  expect(explainEnd({ ...job, status: { ...job.status, failed: 2 } }, pods)).toEqual({
    reason: 'BackoffLimitExceeded',
    message:
      'Job work failed (BackoffLimitExceeded) after 2 failed pods: Container main of pod work-last ended with exit code 4.',
    hint: 'Read the last lines of its log.',
    failed: 2,
    pod: 'work-last',
    container: 'main',
    exitCode: 4,
    diagnosis: expect.objectContaining({ code: 'pod.crashed', final: true }),
  });
});

test('a failure policy names the pod and the rule', () => {
  const said = 'Container main for pod shop/work-a failed with exit code 42 matching FailJob rule at index 0';
  const pods = [
    podWith(terminated(42), { name: 'work-a' }),
    podWith({ terminated: { exitCode: 1, finishedAt: stamp(60) } }, { name: 'work-b' }),
  ];
  expect(explainEnd(failedJob('PodFailurePolicy', said), pods)).toMatchObject({
    reason: 'PodFailurePolicy',
    message: `Job work failed (PodFailurePolicy): ${said}.`,
    pod: 'work-a',
    exitCode: 42,
  });
});

test('a deadline says what the Job waited for, if it was seen', () => {
  const job = failedJob('DeadlineExceeded', 'Job was active longer than specified deadline', {
    activeDeadlineSeconds: 30,
  });
  expect(explainEnd(job, [])).toEqual({
    reason: 'DeadlineExceeded',
    message: 'Job work failed (DeadlineExceeded), as it ran longer than its limit of 30 s (activeDeadlineSeconds).',
    hint: 'Raise activeDeadlineSeconds, or find out what takes so long.',
    failed: 1,
  });
  const pods = [podWith(waiting('ErrImagePull', 'not found'))];
  expect(explainEnd(job, pods)).toMatchObject({
    message: expect.stringMatching(/activeDeadlineSeconds\): Container main .* cannot be pulled: not found\.$/),
    diagnosis: { code: 'pod.image_pull' },
  });
});

test('a pod that the Job removed at its end is taken as it was seen last', () => {
  const metadata = { deletionTimestamp: stamp(40), deletionGracePeriodSeconds: 30 };
  const pod = podWith(waiting('CreateContainerConfigError', 'secret "x" not found'), { metadata });
  const killed = podWith({ terminated: { exitCode: 143, finishedAt: stamp(11) } }, { name: 'killed', metadata });
  expect(explainEnd(failedJob('BackoffLimitExceeded', limit), [killed, pod])).toMatchObject({
    pod: 'work-x7k2p',
    diagnosis: { code: 'pod.config' },
  });
});

test.each([
  ['while the run that the Job killed still went on', running],
  ['after it was killed', { terminated: { exitCode: 137, finishedAt: stamp(12) } }],
])('a container that crashed once too often is explained by its own end, seen last %s', (_name, state) => {
  const metadata = { deletionTimestamp: stamp(40), deletionGracePeriodSeconds: 30 };
  const pod = (lastState: ContainerState) =>
    podOf({
      metadata,
      spec: { restartPolicy: 'OnFailure' },
      status: { phase: 'Running', containerStatuses: [container(state, { lastState, restartCount: 3 })] },
    });
  const job = failedJob('BackoffLimitExceeded', limit, { backoffLimit: 3 });
  expect(explainEnd(job, [pod(terminated(3))])).toMatchObject({ exitCode: 3, diagnosis: { code: 'pod.crashed' } });
  expect(explainEnd(job, [pod(terminated(137, 'OOMKilled'))])).toMatchObject({
    message: expect.stringMatching(/OOMKilled, exit code 137\), after 3 restarts\.$/),
    diagnosis: { code: 'pod.out_of_memory', final: true },
  });
  expect(explainEnd(job, [pod({})])).not.toHaveProperty('pod');
});

test('pods that are gone leave what the Job says, and the way to keep them', () => {
  expect(explainEnd(failedJob('BackoffLimitExceeded', limit), [])).toEqual({
    reason: 'BackoffLimitExceeded',
    message: `Job work failed (BackoffLimitExceeded): ${limit}.`,
    hint: expect.stringContaining('restartPolicy Never'),
    failed: 1,
  });
});

test('pods of the Job that did their work explain nothing', () => {
  const job = failedJob('FailedIndexes', 'Job has failed indexes');
  expect(explainEnd(job, [podWith(terminated(0))])).toMatchObject({
    message: 'Job work failed (FailedIndexes): Job has failed indexes.',
  });
  expect(explainEnd(job, [podWith(terminated(0))])).not.toHaveProperty('pod');
});

test.each([
  ['has not ended', jobOf()],
  ['is complete', jobOf({}, { conditions: [{ type: 'Complete', status: 'True' }] })],
  ['has a condition Failed that does not hold', jobOf({}, { conditions: [{ type: 'Failed', status: 'False' }] })],
])('a Job that %s has no end to explain', (_name, job) => {
  expect(explainEnd(job, [podWith(terminated(3))])).toBeUndefined();
});
