import { expect, test } from 'vitest';
import { apiServer, caught, json, refusal } from '../test/api-server.ts';
import { may, mayI } from './access-review.ts';

const right = { verb: 'create', group: 'batch', resource: 'jobs', namespace: 'default' };
const allowed = json(201, { status: { allowed: true } });

test('a service account is asked about with the groups that all of its tokens carry', async () => {
  await using api = await apiServer(allowed);
  expect(await may(api.connection, { user: 'system:serviceaccount:default:ci-fixer-app' }, right)).toBe(true);
  const { path, body } = api.asked[0] ?? { path: '', body: '{}' };
  expect(path).toBe('/apis/authorization.k8s.io/v1/subjectaccessreviews');
  expect(JSON.parse(body)).toMatchObject({
    kind: 'SubjectAccessReview',
    spec: {
      user: 'system:serviceaccount:default:ci-fixer-app',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      resourceAttributes: { verb: 'create', group: 'batch', resource: 'jobs', namespace: 'default' },
    },
  });
});

test('groups that are given take the place of the usual ones, and a subresource is named as such', async () => {
  await using api = await apiServer(allowed);
  const exec = { verb: 'get', group: '', resource: 'pods/exec', name: 'web' };
  await may(api.connection, { user: 'jane', groups: ['ops'] }, exec);
  await may(api.connection, { user: 'jane' }, exec);
  const specs = api.asked.map(({ body }) => (JSON.parse(body) as { spec: object }).spec);
  const resourceAttributes = { verb: 'get', group: '', resource: 'pods', subresource: 'exec', name: 'web' };
  expect(specs).toEqual([
    { user: 'jane', groups: ['ops'], resourceAttributes },
    { user: 'jane', groups: [], resourceAttributes },
  ]);
});

test('an answer without a yes is a no, for others and for us', async () => {
  await using api = await apiServer(json(201, { status: {} }), json(201, { status: { allowed: false } }));
  expect(await may(api.connection, { user: 'jane' }, right)).toBe(false);
  expect(await mayI(api.connection, right)).toBe(false);
  expect(api.asked[1]?.path).toBe('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews');
});

test('that we may not ask is no answer', async () => {
  await using api = await apiServer(refusal(403, 'Forbidden'));
  expect(await caught(() => may(api.connection, { user: 'jane' }, right))).toMatchObject({ code: 'kube.forbidden' });
});
