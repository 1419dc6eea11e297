import type { KubeObject, Manifest } from '@ephemera/model';
import { expect, test } from 'vitest';
import { environmentRow } from '../../test/environment-row.ts';
import { hasDrifted, requiredObjects } from './drift.ts';
import type { Limits } from './objects.ts';

const limits: Limits = {
  cpu: '1000m',
  memory: '2Gi',
  pods: 10,
  services: 20,
  persistentVolumeClaims: 10,
  secrets: 30,
  configMaps: 30,
  defaultCpu: '100m',
  defaultMemory: '200Mi',
};
const required = requiredObjects(environmentRow(), limits);

function requiredOf(kind: string): Manifest {
  const found = required.find((object) => object.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
}

/** One field, by the way to it. Undefined takes it away. */
type Change = readonly [path: string, value: unknown];

/** As a cluster gives an object back: with what it adds itself, after one change. */
function given(kind: string, change?: Change): KubeObject {
  const required = requiredOf(kind);
  const object = {
    ...structuredClone(required),
    metadata: { ...structuredClone(required.metadata), uid: 'u', resourceVersion: '7', managedFields: [{}] },
    status: { phase: 'Active' },
  };
  if (change) assign(object, change[0].split(' '), change[1]);
  return object;
}

function assign(at: object, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) assign(Reflect.get(at, key) as object, rest, value);
  else if (value === undefined) Reflect.deleteProperty(at, key);
  else Reflect.set(at, key, value);
}

test('the namespace and the four guardrails are looked at', () => {
  const kinds = required.map(({ kind }) => kind);
  expect(kinds).toEqual(['Namespace', 'ResourceQuota', 'LimitRange', 'NetworkPolicy', 'ServiceAccount']);
});

test.each(required.map((object) => [object.kind, object] as const))(
  'a %s as it was made, with what the cluster adds, has not drifted; one that is missing has',
  (kind, object) => {
    expect(hasDrifted(object, given(kind))).toBe(false);
    expect(hasDrifted(object, undefined)).toBe(true);
  },
);

test('an amount that the cluster writes in another way is the same', () => {
  expect(hasDrifted(requiredOf('ResourceQuota'), given('ResourceQuota', ['spec hard limits.cpu', '1']))).toBe(false);
});

test.each<[string, string, Change]>([
  ['ResourceQuota', 'more pods', ['spec hard pods', '100']],
  ['ResourceQuota', 'no limit of memory', ['spec hard limits.memory', undefined]],
  ['LimitRange', 'other defaults', ['spec limits 0 default cpu', '4']],
  ['NetworkPolicy', 'one more rule', ['spec egress 2', {}]],
  ['NetworkPolicy', 'another direction', ['spec policyTypes', ['Ingress']]],
  ['NetworkPolicy', 'fewer pods', ['spec podSelector', { matchLabels: { a: 'b' } }]],
  // A peer with one more selector means other pods.
  ['NetworkPolicy', 'a wider peer', ['spec ingress 0 from 0 namespaceSelector', {}]],
  ['ServiceAccount', 'a token', ['automountServiceAccountToken', true]],
  ['Namespace', 'weaker pod security', ['metadata labels pod-security.kubernetes.io/enforce', 'privileged']],
  ['Namespace', 'a lost label', ['metadata labels app', undefined]],
])('a %s with %s has drifted', (kind, _what, change) => {
  expect(hasDrifted(requiredOf(kind), given(kind, change))).toBe(true);
});

test.each<[string, string, Change]>([
  ['Namespace', 'an annotation of somebody', ['metadata annotations', { note: 'mine' }]],
  ['Namespace', 'one more label', ['metadata labels team', 'web']],
  ['ResourceQuota', 'one more limit', ['spec hard count/jobs.batch', '5']],
])('a %s with %s has not', (kind, _what, change) => {
  expect(hasDrifted(requiredOf(kind), given(kind, change))).toBe(false);
});
