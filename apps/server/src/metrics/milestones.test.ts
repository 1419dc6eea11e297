import { expect, test } from 'vitest';
import { environmentRow } from '../../test/environment-row.ts';
import { milestone } from './milestones.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const deployment = { createdAt: at(1), completedAt: at(4) };

test('an environment that becomes ready took the time since its commit was wished for', () => {
  const before = environmentRow({ status: 'provisioning', updatedAt: at(2) });
  const after = environmentRow({ status: 'ready' });
  expect(milestone(before, after, deployment)).toEqual({ status: 'ready', seconds: 3 });
});

test('a run that deploys a newer commit counts, although the environment was ready before', () => {
  const before = environmentRow({ status: 'ready', updatedAt: at(3) });
  expect(milestone(before, environmentRow({ status: 'ready' }), deployment)).toEqual({ status: 'ready', seconds: 3 });
});

test('a namespace that is made again is ready, but was wished for long ago: it does not count', () => {
  const before = environmentRow({ status: 'failed', updatedAt: at(9) });
  expect(milestone(before, environmentRow({ status: 'ready' }), deployment)).toBeUndefined();
});

test('looking at an environment that stays ready counts nothing', () => {
  const before = environmentRow({ status: 'ready', updatedAt: at(5) });
  expect(milestone(before, environmentRow({ status: 'ready' }), deployment)).toBeUndefined();
});

test('an environment that is gone took the time since its removal began, once', () => {
  const gone = environmentRow({ status: 'destroyed', destroyingSince: at(10), destroyedAt: at(17) });
  expect(milestone(environmentRow({ status: 'destroying' }), gone, undefined)).toEqual({
    status: 'destroyed',
    seconds: 7,
  });
  expect(milestone(gone, gone, undefined)).toBeUndefined();
});
