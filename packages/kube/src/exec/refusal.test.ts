import { expect, test } from 'vitest';
import { Invalid, NotFound, Unavailable } from '../errors.ts';
import { execFailure, handshakeRefusal } from './refusal.ts';

const what = 'Executing';

test.each([
  ['pod web does not have a host assigned'],
  ['Internal error occurred: unable to upgrade connection: pod does not exist'],
  ['unable to upgrade connection: container not found ("main")'],
  ['container is in CONTAINER_CREATED state'],
  ['Internal error occurred: error executing command in container: container is not created or running'],
])('%s: the container is not there yet, in the stream and in the answer to the handshake', (reason) => {
  const notReady = { code: 'kube.container_not_ready', retryable: true, message: expect.stringContaining(reason) };
  expect(execFailure(what, reason)).toMatchObject(notReady);
  expect(handshakeRefusal(what, new Unavailable({ what, status: 500, reason }))).toMatchObject(notReady);
  expect(handshakeRefusal(what, new Invalid({ what, reason }))).toMatchObject(notReady);
});

test.each([
  ['container is in CONTAINER_EXITED state', 'kube.exec_failed', false],
  ['exec: "nosuch": executable file not found in $PATH', 'kube.exec_failed', false],
  [
    'Internal error occurred: error sending request: Post "https://10.0.0.1:10250/exec": dial tcp 10.0.0.1:10250: connect: connection refused',
    'kube.unavailable',
    true,
  ],
])('%s: %s', (reason, code, retryable) => {
  expect(execFailure(what, reason)).toMatchObject({ code, retryable });
});

test('a pod that the API server does not know and a container that the pod does not have stay what they are', () => {
  const missing = new NotFound({ what });
  expect(handshakeRefusal(what, missing)).toBe(missing);
  const wrong = new Invalid({ what, reason: 'container side is not valid for pod web' });
  expect(handshakeRefusal(what, wrong)).toBe(wrong);
});
