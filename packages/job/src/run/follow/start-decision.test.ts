import type { Diagnosis, DiagnosisCode } from '@ephemera/kube';
import type { ContainerState, Job, JobObjectStatus, Pod, PodStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { hasStarted, isWaitForRoom, looksStuck } from './start-decision.ts';

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

test.each<[string, Pod, boolean]>([
  ['is being made', main({ waiting: { reason: 'ContainerCreating' } }), false],
  ['cannot pull its image', main({ waiting: { reason: 'ErrImagePull' } }), true],
  ['no node takes', pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] }), true],
  [
    'is held back on purpose',
    pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    false,
  ],
  ['runs', main({ running: {} }), false],
])('a pod that %s: stuck? %s', (_what, given, stuck) => {
  expect(looksStuck(given)).toBe(stuck);
});

test.each<[DiagnosisCode, boolean]>([
  ['pod.quota', true],
  ['pod.unschedulable', true],
  ['pod.image_pull', false],
  ['pod.config', false],
  ['pod.admission', false],
])('%s is waited for without a limit: %s', (code, waits) => {
  const diagnosis: Diagnosis = { code, message: '', hint: '', retryable: true, final: true, subject: 'Pod p' };
  expect(isWaitForRoom(diagnosis)).toBe(waits);
});
