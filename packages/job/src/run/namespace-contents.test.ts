import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { isDerived, isSomebodys, whyKept } from './namespace-contents.ts';

const gone = new Set(['uid-of-the-job']);

function object(kind: string, name: string, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', ...metadata } };
}

const ownedBy = (...uids: string[]) => ({ ownerReferences: uids.map((uid) => ({ uid })) });
const labels = {
  'project-planton.org/resource-kind': 'KubernetesJob',
  'project-planton.org/resource-name': 'mine',
};

test.each([
  ['the account that every namespace has', object('ServiceAccount', 'default')],
  ['the certificates of the API server', object('ConfigMap', 'kube-root-ca.crt')],
  ['what belongs to the Job that was removed', object('CiliumEndpoint', 'mine-abc', ownedBy('uid-of-the-job'))],
])('%s does not hold a namespace back', (_what, content) => {
  expect(isSomebodys(content, gone)).toBe(false);
});

test.each([
  ['a ConfigMap', object('ConfigMap', 'settings')],
  ['a Secret that is named like a ConfigMap of the cluster', object('Secret', 'kube-root-ca.crt')],
  [
    'a token that somebody made for an account',
    object('Secret', 'token', { annotations: { 'kubernetes.io/service-account.name': 'default' } }),
  ],
  ['an account', object('ServiceAccount', 'deployer')],
  ['a kind that nobody here has heard of', object('Widget', 'one')],
  ['what is being removed, and not gone', object('Pod', 'web', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ['what belongs to somebody else as well', object('ConfigMap', 'both', ownedBy('uid-of-the-job', 'another'))],
  ['what a later run of the job has made', object('Secret', 'mine-env-secrets', { labels })],
])('%s does', (_what, content) => {
  expect(isSomebodys(content, gone)).toBe(true);
});

test('what the cluster writes about other objects is not looked at', () => {
  expect(['Event', 'EndpointSlice', 'Pod'].filter((kind) => isDerived({ kind }))).toEqual(['Event', 'EndpointSlice']);
});

test('a namespace is kept for what is in it, and for what cannot be known', () => {
  const unknown = [{ what: 'widgets of example.com/v1', because: 'forbidden' }];
  expect(whyKept({ objects: [], unknown: [] })).toBeUndefined();
  expect(whyKept({ objects: [object('Deployment', 'web')], unknown })).toBe(
    'there is something else in it: Deployment/shop/web',
  );
  expect(whyKept({ objects: [], unknown })).toBe(
    'whether there is something else in it cannot be known: widgets of example.com/v1 (forbidden)',
  );
  const more = [...unknown, { what: 'the API old/v1', because: 'silent' }, { what: 'gadgets', because: 'forbidden' }];
  expect(whyKept({ objects: [], unknown: more })).toMatch(
    /: widgets of example\.com\/v1, gadgets \(forbidden\); the API old\/v1 \(silent\)$/,
  );
  const many = Array.from({ length: 12 }, (_, at) => object('Pod', `p${at}`));
  expect(whyKept({ objects: many, unknown: [] })).toMatch(/Pod\/shop\/p9 and 2 more$/);
});
