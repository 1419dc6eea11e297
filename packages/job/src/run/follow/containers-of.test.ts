import type { ContainerState, Pod, PodSpec, PodStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { containersOf } from './containers-of.ts';

const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode } });

function pod(status: PodStatus, spec: Partial<PodSpec> = {}): Pod {
  const containers = [{ name: 'main', image: 'busybox:1' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers, ...spec }, status };
}

const one = (state: ContainerState, more: object = {}) =>
  [{ name: 'main', ready: false, restartCount: 0, state, ...more }] as const;

test.each<[string, Pod, object]>([
  ['has no status yet', pod({}), { state: 'waiting', run: 0, over: false }],
  ['is being made', pod({ containerStatuses: one({ waiting: {} }) }), { state: 'waiting', over: false }],
  ['runs', pod({ containerStatuses: one({ running: {} }) }), { state: 'running', run: 0, over: false }],
  ['runs again', pod({ containerStatuses: one({ running: {} }, { restartCount: 2 }) }), { state: 'running', run: 2 }],
  [
    'waits for its next run',
    pod(
      { containerStatuses: one({ waiting: {} }, { restartCount: 1, lastState: ended(1) }) },
      { restartPolicy: 'OnFailure' },
    ),
    { state: 'ended', run: 1, over: false },
  ],
  [
    'failed and is not started again',
    pod({ containerStatuses: one(ended(1)) }, { restartPolicy: 'Never' }),
    { state: 'ended', over: true },
  ],
  [
    'failed and is started again',
    pod({ containerStatuses: one(ended(1)) }, { restartPolicy: 'OnFailure' }),
    { state: 'ended', over: false },
  ],
  [
    'succeeded',
    pod({ containerStatuses: one(ended(0)) }, { restartPolicy: 'OnFailure' }),
    { state: 'ended', over: true },
  ],
  ['never ran in a pod that has failed', pod({ phase: 'Failed' }), { state: 'waiting', over: true }],
])('a container that %s', (_what, given, expected) => {
  expect(containersOf(given)).toMatchObject([{ name: 'main', ...expected }]);
});

test('init containers come first, and a sidecar is not over when it ends', () => {
  const given = pod(
    { initContainerStatuses: [{ name: 'side', ready: false, restartCount: 0, state: ended(0) }] },
    { initContainers: [{ name: 'side', image: 'a', restartPolicy: 'Always' }] },
  );
  expect(containersOf(given).map(({ name, over }) => [name, over])).toEqual([
    ['side', false],
    ['main', false],
  ]);
});

test('the node starts a failed container again but where the pod says Never, and a sidecar always', () => {
  const initContainers = [{ name: 'side', image: 'a', restartPolicy: 'Always' }];
  const restarts = (given: Pod) => containersOf(given).map((container) => container.restarts);
  expect(restarts(pod({}, { restartPolicy: 'Never', initContainers }))).toEqual([true, false]);
  expect(restarts(pod({}, { restartPolicy: 'OnFailure' }))).toEqual([true]);
});
