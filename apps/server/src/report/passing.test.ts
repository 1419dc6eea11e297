import type { EnvironmentStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import type { TimelineEvent } from '../store/schema.ts';
import { passingSince } from './passing.ts';

const events = (...names: readonly EnvironmentStatus[]): TimelineEvent[] =>
  names.map((name, index) => ({
    id: index + 1,
    environmentId: 7,
    at: new Date(index),
    kind: 'status',
    name,
    commitSha: 'a',
    message: null,
  }));

const calm = { reason: null, told: null };

test.each([
  [['pending'], 0],
  [['pending', 'provisioning'], 0],
  [['pending', 'provisioning', 'ready', 'updating'], 3],
  [['pending', 'provisioning', 'ready'], undefined],
  [['failed', 'provisioning'], undefined],
  [['ready', 'destroying'], undefined],
  [[], undefined],
] as const)('of %j the environment is passing through since event %s', (names, since) => {
  expect(passingSince({ ...calm, events: events(...names) })?.getTime()).toBe(since);
});

test.each([
  ['something holds it up', { ...calm, reason: 'kube.unreachable' }],
  ['what people read is a failure', { ...calm, told: 'a failure The quota is full.' }],
  ['what people read is that it is removed', { ...calm, told: 'a success Removed' }],
])('it is no mere passing when %s', (_what, change) => {
  expect(passingSince({ ...change, events: events('pending') })).toBeUndefined();
});

test('a step that waits for the cluster for a moment is part of the passing', () => {
  expect(passingSince({ ...calm, reason: 'environment.waiting', events: events('pending') })).toBeDefined();
});
