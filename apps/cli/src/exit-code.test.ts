import { expect, test } from 'vitest';
import { DemoDeadline, NoKubeconfig } from './demo/errors.ts';
import { BadInput, ServerUnreachable } from './errors.ts';
import { exitCodeOf, publicExitCode } from './exit-code.ts';
import { Interrupted } from './interruption.ts';
import { SetupDeadline } from './setup/errors.ts';

test.each([
  [2, new BadInput({ problem: 'no' })],
  [3, new ServerUnreachable({ url: 'http://127.0.0.1:1', problem: 'refused' })],
  [7, new DemoDeadline({ what: 'ready', timeoutMs: 1, last: 'pending' })],
  [7, new SetupDeadline({ minutes: 10 })],
  [130, new Interrupted({ signal: 'SIGINT' })],
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
