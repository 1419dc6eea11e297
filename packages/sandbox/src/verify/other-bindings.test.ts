import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { RoleBinding, RoleSubject } from '../rights/objects.ts';
import { bindingText, deleteCommand, namesObjects, otherBindings } from './other-bindings.ts';

function binding(subjects: readonly RoleSubject[], namespace: string | undefined, name = 'extra'): RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects,
  };
}

const account = (name: string, namespace = 'builds') => ({ kind: 'ServiceAccount', name, namespace });
const user = (name: string) => ({ kind: 'User', name });
const group = (name: string) => ({ kind: 'Group', name });
const found = (...bindings: readonly RoleBinding[]) => {
  const { certain, ofEverybody } = otherBindings(bindings, 'builds');
  return { certain: certain.map(bindingText), ofEverybody: ofEverybody.map(bindingText) };
};

test.each([
  [account('ci-fixer-app'), 'ci-fixer-app'],
  [account('ci-fixer-sandbox'), 'ci-fixer-sandbox'],
  [user('system:serviceaccount:builds:ci-fixer-app'), 'the User system:serviceaccount:builds:ci-fixer-app'],
  [user('system:serviceaccount:builds:ci-fixer-sandbox'), 'the User system:serviceaccount:builds:ci-fixer-sandbox'],
  [group('system:serviceaccounts'), 'the Group system:serviceaccounts'],
  [group('system:serviceaccounts:builds'), 'the Group system:serviceaccounts:builds'],
  [group('system:authenticated'), 'the Group system:authenticated'],
])('%o reaches an account, in its namespace and in any other', (subject, who) => {
  for (const namespace of ['builds', 'kube-system']) {
    const certain = [`extra gives ClusterRole view to ${who} in ${namespace}`];
    expect(found(binding([account('other'), subject], namespace))).toEqual({ certain, ofEverybody: [] });
  }
});

test.each([
  account('ci-fixer-app', 'elsewhere'),
  account('default'),
  user('ci-fixer-app'),
  user('system:serviceaccount:elsewhere:ci-fixer-app'),
  group('system:serviceaccounts:elsewhere'),
  group('system:masters'),
])('%o does not', (subject) => {
  expect(found(binding([subject], 'kube-system'), binding([subject], undefined))).toEqual({
    certain: [],
    ofEverybody: [],
  });
});

test('what everybody has in the whole cluster is told apart, as every cluster gives such rights', () => {
  const everybody = binding([group('system:authenticated')], undefined);
  const more = binding([group('system:authenticated'), account('ci-fixer-app')], undefined);
  expect(found(everybody, more)).toEqual({
    certain: ['extra gives ClusterRole view to the Group system:authenticated and ci-fixer-app in the whole cluster'],
    ofEverybody: ['extra gives ClusterRole view to the Group system:authenticated in the whole cluster'],
  });
});

test('the binding that should be there is none of the others; one of its name elsewhere is', () => {
  const subjects = [account('ci-fixer-app')];
  const name = 'ci-fixer-sandbox-binding';
  const all = [binding(subjects, 'builds', name), binding(subjects, 'kube-system', name)];
  expect(found(...all).certain).toEqual([`${name} gives ClusterRole view to ci-fixer-app in kube-system`]);
});

test('rights to single objects are those of a rule that names them', () => {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } };
  const rule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
  expect(namesObjects({ ...role, rules: [rule] })).toBe(false);
  expect(namesObjects({ ...role, rules: null })).toBe(false);
  expect(namesObjects({ ...role, rules: [rule, { ...rule, resourceNames: ['one'] }] })).toBe(true);
});

test.each([
  'extra',
  'system:node',
  'x; echo owned',
  '$(echo owned)',
  "it's",
  '`echo owned`',
  'a\nb',
  '--all',
  '-n x',
  '*',
])('a shell takes a binding named %j for that name and nothing else', (name) => {
  for (const namespace of [undefined, 'kube-system']) {
    const command = deleteCommand({ binding: binding([], namespace, name), subjects: [] });
    // A function in place of kubectl, which says what it was given.
    const said = execFileSync('sh', ['-c', `kubectl() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' });
    const words = said.split('\0').slice(0, -1);
    expect(words.at(-1)).toBe(name);
    expect(words.slice(0, -1)).toEqual([
      'delete',
      ...(namespace === undefined ? ['clusterrolebinding'] : ['rolebinding', '-n', namespace]),
      ...(name.startsWith('-') ? ['--'] : []),
    ]);
  }
});
