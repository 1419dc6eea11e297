import { expect, test } from 'vitest';
import { exitStatus, failedStatus, success } from '../../test/exec-server.ts';
import { readExecStatus } from './status.ts';

test.each([
  ['a success', success, { kind: 'exited', exitCode: 0 }],
  ['code 1', exitStatus(1), { kind: 'exited', exitCode: 1 }],
  ['code 255', exitStatus(255), { kind: 'exited', exitCode: 255 }],
  ['a failure of the cluster', failedStatus('no such thing'), { kind: 'failed', message: 'no such thing' }],
  ['a failure with a reason only', { status: 'Failure', reason: 'Gone' }, { kind: 'failed', message: 'Gone' }],
  ['a bare failure', { status: 'Failure' }, { kind: 'failed', message: 'the cluster gave no reason' }],
])('%s is read for what it says', (_what, status, end) => {
  expect(readExecStatus(JSON.stringify(status))).toEqual(end);
});

test.each([
  ['nothing', ''],
  ['no JSON', 'Success'],
  ['half of a success', '{"metadata":{},"status":"Success"'],
  ['null', 'null'],
  ['a list', '[{"status":"Success"}]'],
  ['a text', '"Success"'],
  ['an empty object', '{}'],
  ['another status', '{"status":"success"}'],
  ['a code of a failure that is 0', JSON.stringify(exitStatus(0))],
  ['a code that is no number', JSON.stringify(exitStatus('seven'))],
  ['a code below 0', JSON.stringify(exitStatus('-1'))],
  ['an empty code', JSON.stringify(exitStatus(''))],
  [
    'a code of another type',
    '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":7}]}}',
  ],
  ['no causes', '{"status":"Failure","reason":"NonZeroExitCode","details":{}}'],
  [
    'causes that are no list',
    '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":{"reason":"ExitCode"}}}',
  ],
  ['no details', '{"status":"Failure","reason":"NonZeroExitCode","details":null}'],
])('%s is no status', (_what, text) => {
  expect(readExecStatus(text)).toBeUndefined();
});
