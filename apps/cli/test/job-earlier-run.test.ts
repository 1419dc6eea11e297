import { expect, test } from 'vitest';
import { didNotRun, mayDelete } from '../src/commands/job/earlier-run.ts';

test.each([
  ['created', 'deadline', 'Running', true],
  ['replaced', 'cannot_start', 'Pending', true],
  ['created', 'suspended', 'Suspended', true],
  ['unchanged', 'complete', 'Complete', true],
  ['changed', 'failed', 'Failed', true],
  ['unchanged', 'gone', 'Running', true],
  ['unchanged', 'deadline', 'Running', false],
  ['changed', 'cannot_start', 'Pending', false],
  ['changed', 'suspended', 'Suspended', false],
] as const)(
  'a job that was %s, ended as %s and is %s may be deleted after it: %s',
  (change, outcome, state, expected) => {
    expect(mayDelete({ change }, { outcome, status: { state } })).toBe(expected);
  },
);

test('a job that had ended before is said not to have run', () => {
  expect(didNotRun({ name: 'hello', endedBefore: null })).toBeUndefined();
  expect(didNotRun({ name: 'hello', endedBefore: 'Complete' })).toBe(
    'warning: job hello was complete before; it did not run now. With --replace it runs again.',
  );
  expect(didNotRun({ name: 'hello', endedBefore: 'Failed' })).toContain('had failed before');
});
