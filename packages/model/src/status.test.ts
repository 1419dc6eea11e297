import { expect, test } from 'vitest';
import { DeploymentStatus, EnvironmentStatus } from './status.ts';

test('an environment has these states, which database and API spell alike', () => {
  expect(EnvironmentStatus).toEqual({
    PENDING: 'pending',
    PROVISIONING: 'provisioning',
    READY: 'ready',
    UPDATING: 'updating',
    DESTROYING: 'destroying',
    DESTROYED: 'destroyed',
    FAILED: 'failed',
  });
});

test('a deployment has these states, which database and API spell alike', () => {
  expect(DeploymentStatus).toEqual({
    QUEUED: 'queued',
    IN_PROGRESS: 'in_progress',
    SUCCESS: 'success',
    FAILED: 'failed',
    SUPERSEDED: 'superseded',
  });
});

test.each([
  ['environment', EnvironmentStatus],
  ['deployment', DeploymentStatus],
])('every name of an %s state is its word in upper case', (_what, states) => {
  for (const [name, word] of Object.entries(states)) expect(name).toBe(word.toUpperCase());
});
