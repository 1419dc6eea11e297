import type { Diagnosis, DiagnosisCode } from '@ephemera/kube';
import type { ContainerState, Job, JobObjectStatus, Pod, PodStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { hasStarted, isAtWork, isWaitForRoom, stuckReasons } from './start-decision.ts';

const pod = (status: PodStatus): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [] },
  status,
});
const main = (state: ContainerState, lastState?: ContainerState) =>
  pod({ containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state, ...(lastState && { lastState }) }] });

const job = (status: JobObjectStatus): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'a' },
  spec: { template: { spec: { containers: [] } } },
  status,
});

test('a job with pods that succeeded and are gone has started', () => {
  expect(hasStarted(job({ succeeded: 1 }), [])).toBe(true);
});

test.each<[string, readonly Pod[], boolean]>([
  ['no pod', [], false],
  ['a pod that is being made', [main({ waiting: { reason: 'ContainerCreating' } })], false],
  ['a container that runs', [main({ waiting: {} }), main({ running: {} })], true],
  ['a container that has ended', [main({ terminated: { exitCode: 1, reason: 'Error' } })], true],
  ['a container that crashed and waits', [main({ waiting: {} }, { terminated: { exitCode: 1 } })], true],
  ['a command that could not be started', [main({ terminated: { exitCode: 128, reason: 'StartError' } })], false],
  [
    'only an init container that runs',
    [pod({ initContainerStatuses: [{ name: 'i', ready: false, restartCount: 0, state: { running: {} } }] })],
    false,
  ],
])('%s: has the job started? %s', (_what, pods, started) => {
  expect(hasStarted(job({}), pods)).toBe(started);
});

const unplaced = (reason: string) => pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason }] });

test.each<[string, Pod, string]>([
  ['is being made', main({ waiting: { reason: 'ContainerCreating' } }), ''],
  ['cannot pull its image', main({ waiting: { reason: 'ErrImagePull' } }), 'ErrImagePull'],
  ['no node takes', unplaced('Unschedulable'), 'Unschedulable'],
  ['is held back on purpose', unplaced('SchedulingGated'), ''],
  ['runs', main({ running: {} }), ''],
  [
    'waits for its next attempt',
    main({ waiting: { reason: 'CrashLoopBackOff' } }, { terminated: { exitCode: 1 } }),
    '',
  ],
])('a pod that %s shows by itself what it is stuck in: %j', (_what, given, reasons) => {
  expect(stuckReasons([given])).toBe(reasons);
});

test('a thousand pods that are stuck in the same ways say nothing new', () => {
  const [pull, back] = [
    main({ waiting: { reason: 'ErrImagePull' } }),
    main({ waiting: { reason: 'ImagePullBackOff' } }),
  ];
  expect(stuckReasons([back, back, pull])).toBe(stuckReasons([pull, back]));
});

const init = (name: string, state: ContainerState, restartPolicy?: 'Always'): Pod => {
  const given = pod({ initContainerStatuses: [{ name, ready: false, restartCount: 0, state }] });
  const container = { name, image: 'busybox:1', ...(restartPolicy && { restartPolicy }) };
  return { ...given, spec: { ...given.spec, initContainers: [container] } };
};

test.each<[string, Pod, boolean]>([
  ['whose container runs', main({ running: {} }), true],
  [
    'that crashed and will try again',
    main({ waiting: { reason: 'CrashLoopBackOff' } }, { terminated: { exitCode: 1 } }),
    true,
  ],
  [
    'that crashed, and whose Secret is gone now',
    main({ waiting: { reason: 'CreateContainerConfigError' } }, { terminated: { exitCode: 1 } }),
    false,
  ],
  ['that has never run', main({ waiting: { reason: 'ContainerCreating' } }), false],
  ['that prepares', init('i', { running: {} }), true],
  ['of which only a sidecar runs', init('i', { running: {} }, 'Always'), false],
  ['that is over', { ...main({ terminated: { exitCode: 0 } }), status: { phase: 'Succeeded' } }, false],
])('a pod %s: at work? %s', (_what, given, atWork) => {
  expect(isAtWork(given)).toBe(atWork);
});

test.each<[DiagnosisCode, true | undefined, boolean]>([
  ['pod.quota', undefined, true],
  ['pod.unschedulable', true, true],
  ['pod.unschedulable', undefined, false],
  ['pod.image_pull', undefined, false],
  ['pod.config', undefined, false],
  ['pod.admission', undefined, false],
])('%s, with a node that only lacks room: %s, is waited for without a limit: %s', (code, lacksRoom, waits) => {
  const diagnosis: Diagnosis = { code, message: '', hint: '', retryable: true, final: true, subject: 'Pod p' };
  expect(isWaitForRoom({ ...diagnosis, ...(lacksRoom && { lacksRoom }) })).toBe(waits);
});
