import { expect, test } from 'vitest';
import { roleBindingObject, roleObject, serviceAccountObject } from './account.ts';
import { rulesOf } from './rules.ts';

const labels = { app: 'catalyst-buildx', 'created-by': 'catalyst-web-app', 'pr-job': 'pr-12' };
const place = { name: 'pr-12', namespace: 'builds' };

test('the profile minimal is every call that buildx makes and nothing else', () => {
  expect(rulesOf('minimal')).toStrictEqual([
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'create', 'delete'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
  ]);
});

test('the profile seed is the documented rules, word for word, and then what buildx lacks there', () => {
  expect(rulesOf('seed')).toStrictEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'get', 'list', 'watch', 'delete'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list'] },
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'create', 'delete'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'delete'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
  ]);
});

test('an account is a ServiceAccount, a Role and what binds them, in one namespace', () => {
  expect(serviceAccountObject(place)).toStrictEqual({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'pr-12-buildx-sa', namespace: 'builds', labels },
    automountServiceAccountToken: false,
  });
  expect(roleObject(place, 'minimal')).toStrictEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'pr-12-buildx-role', namespace: 'builds', labels },
    rules: rulesOf('minimal'),
  });
  expect(roleBindingObject(place)).toStrictEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'pr-12-buildx-rolebinding', namespace: 'builds', labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'pr-12-buildx-role' },
    subjects: [{ kind: 'ServiceAccount', name: 'pr-12-buildx-sa', namespace: 'builds' }],
  });
});

test('an account that a server makes carries its mark', () => {
  const marked = { ...labels, 'ephemera.dev/instance': 'i1' };
  const made = { ...place, instance: 'i1' };
  for (const object of [serviceAccountObject(made), roleObject(made, 'seed'), roleBindingObject(made)])
    expect(object.metadata.labels).toEqual(marked);
});
