import { isOwned } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { guardName, guardObjects, guardOwner, guardRules } from './guard.ts';

test('the guard is a policy that fails closed and a binding that denies, the same at every call', () => {
  const [policy, binding] = guardObjects();

  expect(policy).toMatchObject({ metadata: { name: guardName }, spec: { failurePolicy: 'Fail' } });
  expect(binding).toMatchObject({
    metadata: { name: guardName },
    spec: { policyName: guardName, validationActions: ['Deny'] },
  });
  expect([policy, binding].map((object) => isOwned(object, guardOwner))).toEqual([true, true]);
  expect(guardObjects()).toEqual([policy, binding]);
});

test('each rule of the guard has a message of its own that says what a builder does', () => {
  const messages = guardRules.map(({ message }) => message);
  expect(new Set(messages).size).toBe(messages.length);
  for (const message of messages) expect(message).toMatch(/^A builder [^\n]+\.$/);
});
