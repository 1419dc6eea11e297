import { expect, test } from 'vitest';
import { collectionPath, isNamespaced, kindRef, knownKinds, objectPath } from './kinds.ts';

const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
const namespace = { apiVersion: 'v1', kind: 'Namespace' };

test.each([
  [collectionPath(policy), '/apis/networking.k8s.io/v1/networkpolicies'],
  [collectionPath(policy, 'shop'), '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies'],
  [collectionPath(namespace), '/api/v1/namespaces'],
  // A namespace lies in no namespace, whatever is asked.
  [collectionPath(namespace, 'shop'), '/api/v1/namespaces'],
  [objectPath({ ...namespace, name: 'shop' }), '/api/v1/namespaces/shop'],
  [
    objectPath({ ...policy, namespace: 'shop', name: 'deny' }),
    '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny',
  ],
])('%s', (path, expected) => {
  expect(path).toBe(expected);
});

test('no name leads out of its place in the path', () => {
  const path = objectPath({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: '../kube-system',
    name: '../../secrets/x?watch=1',
  });
  expect(path).toBe('/api/v1/namespaces/..%2Fkube-system/pods/..%2F..%2Fsecrets%2Fx%3Fwatch%3D1');
});

test.each(['', '.', '..'])('%j is no name: the path would mean another object', (name) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' };
  const invalid = expect.objectContaining({ code: 'kube.invalid', retryable: false });
  expect(() => objectPath({ ...pod, name })).toThrow(invalid);
  expect(() => objectPath({ ...pod, namespace: name })).toThrow(invalid);
});

test('every known kind splits into version and kind', () => {
  for (const known of knownKinds) {
    const { apiVersion, kind } = kindRef(known);
    expect(`${apiVersion}/${kind}`).toBe(known);
  }
  expect(kindRef('networking.k8s.io/v1/NetworkPolicy')).toEqual(policy);
  expect([isNamespaced(policy), isNamespaced(namespace)]).toEqual([true, false]);
});

test('a kind that is missing in the table is said so', () => {
  expect(() => collectionPath({ apiVersion: 'v1', kind: 'Endpoints' })).toThrow('kind v1/Endpoints is missing');
});
