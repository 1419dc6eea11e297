import { kubeErrors } from '@ephemera/kube';
import { defineError, type EphemeraError } from '@ephemera/model';
import { sandboxErrors } from '@ephemera/sandbox';
import { expect, test } from 'vitest';
import { HeaderMissing, NotConfigured, PayloadInvalid, SignatureInvalid } from './intake/errors.ts';
import { errorAnswer } from './http-errors.ts';
import { SettingsInvalid } from './settings.ts';

const failure = (properties: object, message = 'secret detail') => Object.assign(new Error(message), properties);

test.each([
  [new NotConfigured({}), 503],
  [new SignatureInvalid({}), 401],
  [new HeaderMissing({ header: 'X-GitHub-Event', problem: 'is missing' }), 400],
  [new PayloadInvalid({ reason: 'the body is not JSON' }), 422],
] as [EphemeraError, number][])('%s is answered with %i', (error, status) => {
  const answer = errorAnswer(error);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ error: error.message, code: error.code, retryable: error.retryable });
});

test('the values that an error was made of are its details, and an error without any has none', () => {
  expect(errorAnswer(new PayloadInvalid({ reason: 'x' })).body.details).toEqual({ reason: 'x' });
  expect(errorAnswer(new SignatureInvalid({})).body).not.toHaveProperty('details');
});

test('an error of ours that no answer was planned for is a fault of the server', () => {
  expect(errorAnswer(new SettingsInvalid({ problems: [] })).status).toBe(500);
});

/** Those of a client's own machine and calls, which no route can meet. */
const clientOnly = [
  'kube.kubeconfig_invalid',
  'kube.unknown_kind',
  'sandbox.local_file',
  'sandbox.local_port',
  'sandbox.log_ended',
  'sandbox.not_started',
  'sandbox.port_refused',
  'sandbox.transfer_refused',
  'sandbox.wait_timeout',
  // Its status is by what is wrong with the file.
  'sandbox.file',
];
const ofPackages = [...Object.values(kubeErrors), ...Object.values(sandboxErrors)].map(({ code }) => code);

test('each error of the cluster and of sandboxes has a status of its own, or is none of a server', () => {
  const fault = (code: string): boolean => {
    const error = new (defineError({ code, retryable: false, message: () => 'x' }))({});
    return errorAnswer(error).status === 500;
  };
  expect([...new Set(ofPackages.filter(fault))].toSorted()).toEqual(clientOnly.toSorted());
});

test.each([
  ['a refused connection', failure({ code: 'ECONNREFUSED', syscall: 'connect' })],
  ['a socket that is not there', failure({ code: 'ENOENT', syscall: 'connect' })],
  ['a host without a name', failure({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
  ['a host that cannot be reached', failure({ code: 'ENETUNREACH', syscall: 'connect' })],
  ['a connection reset', failure({ code: 'ECONNRESET' })],
  ['a broken connection', failure({}, 'Connection terminated unexpectedly')],
  ['no free connection', failure({}, 'timeout exceeded when trying to connect')],
  ['a connection that broke before', failure({}, 'Client has encountered a connection error and is not queryable')],
  ['a shutdown', failure({ code: '57P01' })],
  ['a statement that took too long', failure({ code: '57014' })],
  ['a standby', failure({ code: '25006' })],
  ['too many connections', failure({ code: '53300' })],
  ['a deadlock', failure({ code: '40P01' })],
  ['a query without an answer', new Error('Query read timeout')],
  ['a password that was changed', failure({ code: '28P01' })],
  ['a database that was dropped', failure({ code: '3D000' })],
])('%s of the database is 503, to be tried again', (_what, error) => {
  const { status, body } = errorAnswer(error);
  expect(status).toBe(503);
  // The connection may have been lost while the answer to a COMMIT was under way.
  expect(body).toMatchObject({
    code: 'database.unavailable',
    retryable: true,
    hint: 'Send it again: whether it was recorded is not known.',
  });
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('a full disk of the database is 503 and says what to make room on', () => {
  const { status, body } = errorAnswer(failure({ code: '53100' }));
  expect(status).toBe(503);
  expect(body).toMatchObject({ code: 'database.disk_full', retryable: true });
  expect(body.hint).toContain('Make room');
  expect(JSON.stringify(body)).not.toContain('secret');
});

test.each([
  [400, 'request.invalid'],
  [413, 'request.too_large'],
  [414, 'request.too_long'],
  [415, 'request.media_type'],
])('what the HTTP server refuses with %i has the code %s', (statusCode, code) => {
  const { status, body } = errorAnswer(failure({ statusCode }));
  expect(status).toBe(statusCode);
  expect(body).toMatchObject({ code, retryable: false });
  expect(JSON.stringify(body)).not.toContain('secret');
});

test.each([
  ['an error', new TypeError('secret detail')],
  ['a broken rule of the database', failure({ code: '23505' })],
  ['a file that is not there', failure({ code: 'ENOENT', syscall: 'open' })],
  ['a text', 'secret detail'],
  ['nothing', undefined],
  ['null', null],
])('%s that nobody expected is 500, and its text stays in the log', (_what, thrown) => {
  const { status, body } = errorAnswer(thrown);
  expect(status).toBe(500);
  expect(body.code).toBe('internal');
  expect(JSON.stringify(body)).not.toContain('secret');
});
