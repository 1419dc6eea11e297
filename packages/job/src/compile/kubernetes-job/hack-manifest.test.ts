import { expect, test } from 'vitest';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { compileJob } from './compile-job.ts';

test('the hack manifest of the module compiles to its namespace, its Secret and its Job', () => {
  const hack = kubernetesJob({
    metadata: { name: 'test-batch-job' },
    spec: {
      namespace: 'test-jobs',
      createNamespace: true,
      image: { repo: 'busybox', tag: 'latest' },
      resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
      env: {
        variables: [
          { name: 'BATCH_SIZE', value: '100' },
          { name: 'LOG_LEVEL', value: 'info' },
        ],
        secrets: [{ name: 'API_KEY', value: 'test-api-key' }],
      },
      backoffLimit: 3,
      activeDeadlineSeconds: 300,
      ttlSecondsAfterFinished: 600,
      command: ['sh', '-c', 'echo "size $BATCH_SIZE"; sleep 5; echo done'],
    },
  });

  const labels = {
    'project-planton.org/resource': 'true',
    'project-planton.org/resource-name': 'test-batch-job',
    'project-planton.org/resource-kind': 'KubernetesJob',
  };
  expect(compileJob(hack).objects).toStrictEqual([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test-jobs', labels } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'test-batch-job-env-secrets', namespace: 'test-jobs', labels },
      type: 'Opaque',
      stringData: { API_KEY: 'test-api-key' },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'test-batch-job', namespace: 'test-jobs', labels },
      spec: {
        parallelism: 1,
        completions: 1,
        completionMode: 'NonIndexed',
        backoffLimit: 3,
        activeDeadlineSeconds: 300,
        ttlSecondsAfterFinished: 600,
        suspend: false,
        template: {
          metadata: { labels },
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'job-container',
                image: 'busybox:latest',
                command: ['sh', '-c', 'echo "size $BATCH_SIZE"; sleep 5; echo done'],
                env: [
                  { name: 'K8S_POD_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                  { name: 'BATCH_SIZE', value: '100' },
                  { name: 'LOG_LEVEL', value: 'info' },
                  {
                    name: 'API_KEY',
                    valueFrom: { secretKeyRef: { name: 'test-batch-job-env-secrets', key: 'API_KEY' } },
                  },
                ],
                resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    },
  ]);
});
