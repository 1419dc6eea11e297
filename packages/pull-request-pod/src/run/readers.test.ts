import { expect, test } from 'vitest';
import { rulesOf } from '../objects/rules.ts';
import { readsSecrets } from './readers.ts';

const role = (rules: Parameters<typeof readsSecrets>[0]['rules']) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'r' },
  ...(rules !== undefined && { rules }),
});

test.each([
  ['the profile seed', rulesOf('seed'), true],
  ['the profile minimal', rulesOf('minimal'), false],
  ['all of the core', [{ apiGroups: [''], resources: ['*'] }], true],
  ['Secrets of every group', [{ apiGroups: ['*'], resources: ['secrets'] }], true],
  ['Secrets of another group', [{ apiGroups: ['vault.example'], resources: ['secrets'] }], false],
  ['no rules', undefined, false],
  ['null rules', null, false],
  ['a rule of paths', [{}], false],
])('a Role with %s', (_what, rules, reads) => {
  expect(readsSecrets(role(rules))).toBe(reads);
});
