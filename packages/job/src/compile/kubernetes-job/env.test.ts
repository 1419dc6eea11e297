import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { envFromOf, envOf } from './env.ts';

const podId = { name: 'K8S_POD_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

test('a job without variables of its own is told the name of its pod, and its HOSTNAME is left alone', () => {
  expect(envOf(kubernetesJob())).toStrictEqual([podId]);
});

test.each([
  ['variable', { variables: [{ name: 'K8S_POD_ID', value: 'mine' }] }, { name: 'K8S_POD_ID', value: 'mine' }],
  [
    'secret',
    { secrets: [{ name: 'K8S_POD_ID', secretRef: { name: 'ids', key: 'pod' } }] },
    { name: 'K8S_POD_ID', valueFrom: { secretKeyRef: { name: 'ids', key: 'pod' } } },
  ],
])('a %s of the user called K8S_POD_ID is the only one', (_, env, expected) => {
  expect(envOf(kubernetesJob({ spec: { env } }))).toStrictEqual([expected]);
});

test('each kind of variable keeps its fields and its place, secrets come last', () => {
  const env = envOf(
    kubernetesJob({
      spec: {
        env: {
          variables: [
            { name: 'Z_FIRST', value: 'z' },
            { name: 'A_SECOND', value: 'after $(Z_FIRST)' },
            { name: 'EMPTY', value: '' },
            { name: 'LEVEL', configMapKeyRef: { name: 'settings', key: 'level', optional: true } },
            { name: 'NODE', fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } },
            {
              name: 'CPUS',
              resourceFieldRef: { containerName: 'job-container', resource: 'limits.cpu', divisor: '1m' },
            },
          ],
          secrets: [
            { name: 'PASSWORD', secretRef: { name: 'database', key: 'password', optional: false } },
            { name: 'API_KEY', value: 'k-123' },
          ],
        },
      },
    }),
  );

  expect(env).toStrictEqual([
    podId,
    { name: 'Z_FIRST', value: 'z' },
    { name: 'A_SECOND', value: 'after $(Z_FIRST)' },
    { name: 'EMPTY', value: '' },
    { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level', optional: true } } },
    { name: 'NODE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
    {
      name: 'CPUS',
      valueFrom: { resourceFieldRef: { containerName: 'job-container', resource: 'limits.cpu', divisor: '1m' } },
    },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password', optional: false } } },
    { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'nightly-env-secrets', key: 'API_KEY' } } },
  ]);
});

test('whole ConfigMaps and Secrets become variables, with their prefix', () => {
  const envFrom = envFromOf(
    kubernetesJob({
      spec: {
        env: {
          envFrom: [
            { prefix: 'DB_', configMapRef: { name: 'database' } },
            { secretRef: { name: 'database', optional: true } },
          ],
        },
      },
    }),
  );

  expect(envFrom).toStrictEqual([
    { prefix: 'DB_', configMapRef: { name: 'database' } },
    { secretRef: { name: 'database', optional: true } },
  ]);
});
