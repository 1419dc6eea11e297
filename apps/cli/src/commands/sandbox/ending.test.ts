import { kubeErrors } from '@ephemera/kube';
import { sandboxErrors } from '@ephemera/sandbox';
import { expect, test } from 'vitest';
import { BadInput } from '../../errors.ts';
import { Interrupted, OutputClosed } from '../../interruption.ts';
import { withAdvice } from './advice.ts';
import { noResultOf } from './ending.ts';

test.each([
  ['the pod is gone', new sandboxErrors.SandboxGone({ id: 'sandbox-1', reason: 'its pod was deleted.' })],
  ['the sandbox was lost', new sandboxErrors.SandboxLost({ id: 'sandbox-1', forMs: 120_000, problem: 'x' })],
  ['there is no such program', new sandboxErrors.CommandNotStarted({ program: 'x', problem: 'y' })],
  ['there is no such sandbox', new sandboxErrors.SandboxNotFound({ id: 'sandbox-1' })],
  ['nobody answers', new kubeErrors.Unreachable({ server: 'https://a', problem: 'refused' })],
  ['a fault of ours', new TypeError('x is not a function')],
  ['something that is no error', 'x'],
])('where %s there is no result: 125, and the reason', (_what, error) => {
  expect(noResultOf(error)).toMatchObject({ exitCode: 125, concernsPlace: true });
  expect(noResultOf(error).text).not.toBe('');
});

test('bad input and an interruption keep their own exit codes', () => {
  expect(noResultOf(new BadInput({ problem: 'no' }))).toMatchObject({ exitCode: 2, concernsPlace: false });
  expect(noResultOf(new Interrupted({ signal: 'SIGINT' })).exitCode).toBe(130);
});

test('where nobody reads the output any more nothing is said', () => {
  expect(noResultOf(new OutputClosed({}))).toEqual({ exitCode: 141, text: undefined, concernsPlace: false });
});

test('advice names flags instead of functions, and changes neither message nor exit code', () => {
  const error = new sandboxErrors.SandboxOutOfMemory({ id: 'sandbox-1' });
  const { text, exitCode } = noResultOf(withAdvice(error));
  expect(text).toBe(`Error: ${error.message}\n\nGive the sandbox more with --memory when it is made, or use less.`);
  expect(exitCode).toBe(125);
  const other = new BadInput({ problem: 'no' });
  expect(withAdvice(other)).toBe(other);
});

test('advice depends on the kind where an error has kinds', () => {
  const problem = (kind: 'missing' | 'loop') =>
    noResultOf(withAdvice(new sandboxErrors.FileProblem({ path: 'a', kind, problem: 'b' }))).text;
  expect(problem('missing')).toContain('-- ls -la');
  expect(problem('loop')).toContain('Remove a link');
});
