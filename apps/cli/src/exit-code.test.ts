import { jobErrors, jobRunErrors } from '@ephemera/job';
import { kubeErrors } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { DemoDeadline, NoKubeconfig } from './demo/errors.ts';
import { BadInput, ServerUnreachable } from './errors.ts';
import { exitCodeOf, publicExitCode } from './exit-code.ts';
import { Interrupted, OutputClosed } from './interruption.ts';
import { SetupDeadline } from './setup/errors.ts';

test.each([
  [2, new BadInput({ problem: 'no' })],
  [3, new ServerUnreachable({ url: 'http://127.0.0.1:1', problem: 'refused' })],
  [7, new DemoDeadline({ what: 'ready', timeoutMs: 1, last: 'pending' })],
  [7, new SetupDeadline({ minutes: 10 })],
  [2, new jobErrors.JobInvalid({ problems: [] })],
  [3, new kubeErrors.QuotaExceeded({ what: 'Applying Pod a', reason: 'exceeded quota' })],
  [3, new jobRunErrors.Immutable({ job: 'Job a', fields: [] })],
  [7, new jobRunErrors.DeleteDeadline({ job: 'Job a', timeoutMs: 1, left: [], waiting: '' })],
  [130, new Interrupted({ signal: 'SIGINT' })],
  [141, new OutputClosed({})],
  [1, new NoKubeconfig({})],
  [1, new Error('a fault of ours')],
])('exit code %i for %s', (code, error) => {
  expect(exitCodeOf(error)).toBe(code);
});

test('input that the command line itself refuses ends with 2, whatever number it has inside', () => {
  expect(publicExitCode(-4)).toBe(2);
  expect(publicExitCode(7)).toBe(7);
  expect(publicExitCode(undefined)).toBe(0);
});

test('a command that cannot be loaded is a fault, not bad input', () => {
  expect(publicExitCode(-2)).toBe(1);
});
