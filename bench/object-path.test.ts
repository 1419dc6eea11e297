import { expect, test } from 'vitest';
import { collectionPath, objectPath } from './object-path.ts';

test.each([
  ['v1', 'Secret', '/api/v1/namespaces/n/secrets'],
  ['batch/v1', 'Job', '/apis/batch/v1/namespaces/n/jobs'],
  ['networking.k8s.io/v1', 'NetworkPolicy', '/apis/networking.k8s.io/v1/namespaces/n/networkpolicies'],
])('%s %s is created at %s, and is then under its name there', (apiVersion, kind, collection) => {
  const object = { apiVersion, kind, metadata: { name: 'a', namespace: 'n' } };
  expect(collectionPath(object)).toBe(collection);
  expect(objectPath(object)).toBe(`${collection}/a`);
});

test('an object of the whole cluster is in no namespace', () => {
  expect(objectPath({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })).toBe('/api/v1/namespaces/a');
});
