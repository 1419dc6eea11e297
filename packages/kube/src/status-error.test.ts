import { expect, test } from 'vitest';
import { statusError } from './status-error.ts';

const request = { what: 'Applying Pod web in shop', server: 'https://cluster:6443', saidBy: 'api server' } as const;
const byProxy = { ...request, saidBy: 'somebody' } as const;

const quota = 'pods "web" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=10, limited: pods=10';
const noLimits = 'pods "web" is forbidden: failed quota: compute: must specify limits.cpu for: web';
const tooLarge = 'pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2';
const twiceTooLarge =
  'pods "web" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]';
const podSecurity =
  'pods "web" is forbidden: violates PodSecurity "baseline:latest": privileged (container "web" must not set securityContext.privileged=true)';
const webhook = 'admission webhook "validate.kyverno.svc-fail" denied the request: no latest tags';
const policy = `namespaces "pr-1" is forbidden: ValidatingAdmissionPolicy 'names' with binding 'names' denied request: not here`;
const uncounted = 'pods "web" is forbidden: status unknown for quota: compute, resources: pods';
const ending =
  'configmaps "a" is forbidden: unable to create new content in namespace shop because it is being terminated';
const rbac =
  'pods "web" is forbidden: User "system:serviceaccount:shop:ci" cannot patch resource "pods" in API group "" in the namespace "shop"';

test.each([
  // status, reason, message, code, retryable
  [400, 'BadRequest', 'the body is no JSON', 'kube.invalid', false],
  [400, 'BadRequest', webhook, 'kube.admission_denied', false],
  [401, 'Unauthorized', 'Unauthorized', 'kube.unauthenticated', false],
  [403, 'Forbidden', quota, 'kube.quota_exceeded', false],
  [403, 'Forbidden', noLimits, 'kube.quota_exceeded', false],
  [403, 'Forbidden', tooLarge, 'kube.quota_exceeded', false],
  [403, 'Forbidden', twiceTooLarge, 'kube.quota_exceeded', false],
  [403, 'Forbidden', uncounted, 'kube.unavailable', true],
  [403, 'Forbidden', ending, 'kube.terminating', true],
  [403, 'Forbidden', podSecurity, 'kube.admission_denied', false],
  [403, 'Forbidden', webhook, 'kube.admission_denied', false],
  [403, 'Forbidden', policy, 'kube.admission_denied', false],
  [403, 'Forbidden', rbac, 'kube.forbidden', false],
  [404, undefined, '404 page not found', 'kube.unknown_kind', false],
  [404, 'NotFound', 'the server could not find the requested resource', 'kube.unknown_kind', false],
  [405, 'MethodNotAllowed', 'no', 'kube.invalid', false],
  [408, undefined, 'timeout', 'kube.unavailable', true],
  [409, 'Conflict', 'the object has been modified', 'kube.conflict', true],
  [409, 'Conflict', webhook, 'kube.admission_denied', false],
  [410, 'Expired', 'too old resource version', 'kube.gone', true],
  [413, 'RequestEntityTooLarge', 'limit is 3145728', 'kube.invalid', false],
  [415, 'UnsupportedMediaType', 'no', 'kube.invalid', false],
  [422, 'Invalid', 'spec.containers: Required value', 'kube.invalid', false],
  [422, 'Invalid', policy, 'kube.admission_denied', false],
  [429, 'TooManyRequests', 'later', 'kube.throttled', true],
  [302, undefined, undefined, 'kube.unavailable', true],
  [500, 'InternalError', 'failed calling webhook "x": connection refused', 'kube.unavailable', true],
  [502, undefined, '<html>', 'kube.unavailable', true],
  [503, 'ServiceUnavailable', 'starting', 'kube.unavailable', true],
  [504, 'Timeout', 'etcd', 'kube.unavailable', true],
] as const)('%i %s %j is %s', (...[status, reason, message, code, retryable]) => {
  const answer = { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
  expect(statusError(request, status, answer, undefined)).toMatchObject({ code, retryable });
});

test('a refusal says what was asked for and what the cluster said', () => {
  expect(statusError(request, 403, { reason: 'Forbidden', message: quota }, undefined).message).toBe(
    `Applying Pod web in shop does not fit the quota: ${quota}`,
  );
  expect(statusError(request, 503, {}, undefined).message).toContain('(503): HTTP 503');
});

test('a throttled call carries how long the cluster asked to wait', () => {
  expect(statusError(request, 429, {}, 7_000).details).toMatchObject({ retryAfterMs: 7_000 });
  expect(statusError(request, 429, {}, undefined).details).toMatchObject({ retryAfterMs: 1_000 });
});

test('only an answer that names the object says that it does not exist', () => {
  const missing = { reason: 'NotFound', message: 'pods "web" not found', details: { name: 'web', kind: 'pods' } };
  expect(statusError(request, 404, missing, undefined)).toMatchObject({ code: 'kube.not_found', retryable: false });
  expect(statusError(request, 404, { ...missing, details: { kind: 'pods' } }, undefined).code).toBe(
    'kube.unknown_kind',
  );
  expect(statusError(request, 404, { ...missing, details: null }, undefined).code).toBe('kube.unknown_kind');
});

test.each([['404 page not found'], [undefined]])(
  'a 404 of a proxy that has lost its way (%s) says nothing about the object and may be tried again',
  (message) => {
    const answer = message === undefined ? {} : { message };
    expect(statusError(byProxy, 404, answer, undefined)).toMatchObject({ code: 'kube.unavailable', retryable: true });
  },
);

test('a cluster that is unavailable for a time carries how long it asked to wait', () => {
  expect(statusError(request, 503, {}, 7_000).details).toMatchObject({ retryAfterMs: 7_000 });
  expect(statusError(request, 503, {}, undefined).details).not.toHaveProperty('retryAfterMs');
});
