import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { jobOwner } from './job-ref.ts';
import { contentsOfOthers } from './namespace-contents.ts';

const owner = jobOwner({ name: 'mine', id: null });

function object(kind: string, name: string, metadata: object = {}, more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', ...metadata }, ...more };
}

const mine = {
  labels: { 'project-planton.org/resource-kind': 'KubernetesJob', 'project-planton.org/resource-name': 'mine' },
};

test.each([
  ['the certificates of the API server', object('ConfigMap', 'kube-root-ca.crt')],
  [
    'the token of a service account',
    object('Secret', 'default-token', {}, { type: 'kubernetes.io/service-account-token' }),
  ],
  [
    'the pull secret of a service account',
    object('Secret', 'default-dockercfg', { annotations: { 'kubernetes.io/service-account.name': 'default' } }),
  ],
  ['what is the job’s own', object('Pod', 'mine-abc', mine)],
  ['what is being removed anyway', object('Pod', 'theirs', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
])('%s does not hold a namespace back', (_what, content) => {
  expect(contentsOfOthers([content], owner)).toEqual([]);
});

test.each([
  ['a ConfigMap', object('ConfigMap', 'settings')],
  ['a Secret that is named like one of the cluster', object('Secret', 'kube-root-ca.crt', {}, { type: 'Opaque' })],
  ['a claim', object('PersistentVolumeClaim', 'data')],
  ['a pod', object('Pod', 'web')],
  [
    'a Job of the same name with an id',
    object('Job', 'mine', { labels: { ...mine.labels, 'project-planton.org/resource-id': 'other' } }),
  ],
])('%s of others does', (_what, content) => {
  expect(contentsOfOthers([content], owner)).toEqual([content]);
});
