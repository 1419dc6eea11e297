import { expect, test } from 'vitest';
import { outcomeOf } from './run.ts';

test.each([
  [0, null, { error: '', reported: false }],
  [32, null, { error: '', reported: true }],
  [1, null, { error: 'The program ended with exit code 1.', reported: false }],
  [null, 'SIGKILL', { error: 'The program ended with SIGKILL.', reported: false }],
])('a program that ended with %s %s means %j', (code, signal, outcome) => {
  expect(outcomeOf(code, signal)).toEqual(outcome);
});
