import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { startObjectApi } from '../../test/object-api.ts';
import { guardObjects, guardVersionAnnotation } from '../objects/guard.ts';
import { ensureGuard, isInForce } from './guard.ts';

const [policy, binding] = guardObjects();
const withSpec = (object: KubeObject & { readonly spec?: unknown }, more: object): KubeObject =>
  ({ ...object, spec: { ...(object.spec as object), ...more } }) as KubeObject;
const constraints = (more: object) => ({
  matchConstraints: { ...(policy as { spec?: { matchConstraints?: object } }).spec?.matchConstraints, ...more },
});

test('the guard as the cluster keeps it, with its defaults, is in force', () => {
  const kept = withSpec(policy, constraints({ namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent' }));
  expect(isInForce(kept, policy)).toBe(true);
  expect(isInForce(binding, binding)).toBe(true);
});

const selector = { matchLabels: { guarded: 'true' } };

test.each([
  [
    'a binding that holds for some namespaces',
    withSpec(binding, { matchResources: { namespaceSelector: selector } }),
    binding,
  ],
  ['a binding with parameters', withSpec(binding, { paramRef: { name: 'x' } }), binding],
  ['a policy that holds for some namespaces', withSpec(policy, constraints({ namespaceSelector: selector })), policy],
  ['a policy that holds for some objects', withSpec(policy, constraints({ objectSelector: selector })), policy],
  ['a policy that leaves something out', withSpec(policy, constraints({ excludeResourceRules: [{}] })), policy],
])('%s is not in force', (_what, present, wanted) => {
  expect(isInForce(present, wanted)).toBe(false);
});

test('a binding that was made narrow is widened again', async () => {
  await using api = await startObjectApi();
  const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${binding.metadata.name}`;
  const narrow = withSpec(binding, { matchResources: { namespaceSelector: selector } });
  api.objects.set(path, { ...narrow, metadata: { ...narrow.metadata, uid: 'u1', resourceVersion: '1' } });
  expect(await ensureGuard(api.cluster)).toEqual({ isInPlace: true });
  expect(isInForce(api.objects.get(path) ?? binding, binding)).toBe(true);
});

test.each([
  ['an older', '1', true],
  ['a newer', '1000', false],
  ['no', undefined, true],
])('a guard of %s version (%s) is written anew: %s', async (_what, version, isWritten) => {
  await using api = await startObjectApi();
  const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${policy.metadata.name}`;
  const { annotations: _, ...metadata } = policy.metadata;
  const other: KubeObject = {
    ...withSpec(policy, { validations: [] }),
    metadata: {
      ...metadata,
      uid: 'u1',
      resourceVersion: '1',
      ...(version !== undefined && { annotations: { [guardVersionAnnotation]: version } }),
    },
  };
  api.objects.set(path, other);
  expect(await ensureGuard(api.cluster)).toEqual({ isInPlace: true });
  expect(isInForce(api.objects.get(path) ?? other, policy)).toBe(isWritten);
});
