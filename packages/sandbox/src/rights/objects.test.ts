import { expect, test } from 'vitest';
import { rightsObjects } from './objects.ts';
import { managerRules } from './rules.ts';

test('the binding names the application only, so that what runs in a sandbox has no right', () => {
  const { binding } = rightsObjects('builds');
  expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'ci-fixer-app', namespace: 'builds' }]);
});

test('the account of sandboxes gives no token to pods', () => {
  const { accounts } = rightsObjects();
  expect(accounts.find(({ metadata }) => metadata.name === 'ci-fixer-sandbox')?.automountServiceAccountToken).toBe(
    false,
  );
});

test('with a namespace every object is in it, without one none names any', () => {
  const namespaces = (namespace?: string) => {
    const { accounts, role, binding } = rightsObjects(namespace);
    return [...accounts, role, binding].map(({ metadata }) => metadata.namespace);
  };
  expect(namespaces('builds')).toEqual(['builds', 'builds', 'builds', 'builds']);
  expect(namespaces()).toEqual([undefined, undefined, undefined, undefined]);
});

test('no rule gives Secrets, rights, whole groups or whole resources', () => {
  const resources = managerRules.map(({ resource }) => resource);
  expect(resources).not.toContain('secrets');
  expect(managerRules.map(({ group }) => group)).not.toContain('rbac.authorization.k8s.io');
  expect(managerRules.flatMap(({ group, resource, verbs }) => [group, resource, ...verbs])).not.toContain('*');
});
