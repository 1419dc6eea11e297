import { expect, test } from 'vitest';
import { everythingSet } from '../../../test/everything-set.ts';
import { kubernetesJob } from '../../../test/kubernetes-job.ts';
import { parseJob, readManifest } from '../index.ts';
import { compileJob } from './compile-job.ts';
import type { KubernetesJob } from './kubernetes-job.ts';

const labels = {
  'project-planton.org/resource': 'true',
  'project-planton.org/resource-name': 'nightly',
  'project-planton.org/resource-kind': 'KubernetesJob',
};
const podId = { name: 'K8S_POD_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
const locked = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

const minimal = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'nightly', namespace: 'batch', labels },
  spec: {
    parallelism: 1,
    completions: 1,
    completionMode: 'NonIndexed',
    backoffLimit: 6,
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
            image: 'busybox:1',
            env: [podId],
            resources: { limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '50m', memory: '100Mi' } },
            securityContext: locked,
          },
        ],
      },
    },
  },
};

/** What a Job is with some of its settings changed; undefined takes one away. */
function withSettings(settings: object): object {
  const spec = Object.entries({ ...minimal.spec, ...settings }).filter(([, value]) => value !== undefined);
  return { ...minimal, spec: Object.fromEntries(spec) };
}

test('a job with nothing but the defaults is one Job, and nothing beside it', () => {
  expect(compileJob(kubernetesJob())).toStrictEqual({
    configMaps: [],
    job: minimal,
    objects: [minimal],
    outputs: { namespace: 'batch', job_name: 'nightly' },
    warnings: [],
  });
});

test.each<[string, Partial<KubernetesJob['spec']>, object]>([
  ['a parallel batch', { parallelism: 5, completions: 20 }, { parallelism: 5, completions: 20 }],
  ['a work queue', { parallelism: 3, completions: null }, { parallelism: 3, completions: undefined }],
  ['neither number', { parallelism: null, completions: null }, { parallelism: undefined, completions: undefined }],
  [
    'an Indexed job',
    { completionMode: 'Indexed', parallelism: 5, completions: 10 },
    { completionMode: 'Indexed', parallelism: 5, completions: 10 },
  ],
  ['no retry', { backoffLimit: 0 }, { backoffLimit: 0 }],
  ['a deadline', { activeDeadlineSeconds: 300 }, { activeDeadlineSeconds: 300 }],
  ['a time to live', { ttlSecondsAfterFinished: 600 }, { ttlSecondsAfterFinished: 600 }],
  ['a suspended job', { suspend: true }, { suspend: true }],
  [
    'a pod failure policy',
    {
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
    },
    {
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      podReplacementPolicy: 'Failed',
    },
  ],
])('%s is the default Job with exactly those settings', (_, spec, settings) => {
  expect(compileJob(kubernetesJob({ spec })).job).toStrictEqual(withSettings(settings));
});

test('a job with everything set puts each field into its place', () => {
  const { namespace, envSecrets, imagePullSecret, configMaps, job, outputs } = compileJob(everythingSet, {
    dockerConfigJson: '{"auths":{}}',
  });

  const all = {
    team: 'data',
    ...labels,
    'project-planton.org/resource-id': 'k8sjob-1',
    'project-planton.org/organization': 'acme',
    'project-planton.org/environment': 'prod',
  };
  const annotations = { 'example.com/owner': 'data@example.com' };
  const sameForAllContainers = {
    env: [
      podId,
      { name: 'LEVEL', value: 'info' },
      { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'nightly-env-secrets', key: 'API_KEY' } } },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } },
    ],
    envFrom: [{ prefix: 'DB_', configMapRef: { name: 'database' } }],
    resources: { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '1', memory: '1Gi' } },
    volumeMounts: [
      { name: 'run', mountPath: '/opt/run.sh', readOnly: true, subPath: 'run.sh' },
      { name: 'scratch', mountPath: '/tmp' },
    ],
    securityContext: { ...locked, readOnlyRootFilesystem: true },
  };
  expect(job).toStrictEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'nightly', namespace: 'batch', labels: all, annotations },
    spec: {
      parallelism: 2,
      completions: 4,
      completionMode: 'Indexed',
      backoffLimit: 3,
      activeDeadlineSeconds: 3600,
      ttlSecondsAfterFinished: 600,
      suspend: true,
      template: {
        metadata: { labels: all, annotations },
        spec: {
          restartPolicy: 'OnFailure',
          serviceAccountName: 'reporter',
          enableServiceLinks: false,
          securityContext: { runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
          runtimeClassName: 'gvisor',
          hostUsers: false,
          nodeSelector: { 'kubernetes.io/arch': 'arm64' },
          tolerations: [{ key: 'batch', operator: 'Exists', effect: 'NoSchedule' }],
          imagePullSecrets: [{ name: 'nightly-image-pull-secret' }, { name: 'registry' }],
          initContainers: [{ name: 'prepare', image: 'busybox:1', command: ['true'], ...sameForAllContainers }],
          containers: [
            {
              name: 'job-container',
              image: 'registry.example/batch:v2',
              command: ['sh', '-c'],
              args: ['echo "$1"', '--', 'two words'],
              ...sameForAllContainers,
            },
          ],
          volumes: [
            { name: 'run', configMap: { name: 'run.sh' } },
            { name: 'scratch', emptyDir: {} },
          ],
        },
      },
    },
  });
  const inNamespace = (name: string) => ({ name, namespace: 'batch', labels: all });
  expect({ namespace, envSecrets, imagePullSecret, configMaps, outputs }).toStrictEqual({
    namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'batch', labels: all } },
    envSecrets: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: inNamespace('nightly-env-secrets'),
      type: 'Opaque',
      stringData: { API_KEY: 'k-123' },
    },
    imagePullSecret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: inNamespace('nightly-image-pull-secret'),
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': '{"auths":{}}' },
    },
    configMaps: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: inNamespace('app.conf'), data: { 'app.conf': '' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: inNamespace('run.sh'), data: { 'run.sh': '#!/bin/sh\ntrue\n' } },
    ],
    outputs: { namespace: 'batch', job_name: 'nightly' },
  });
});

test('what is legal and probably not meant comes along as a warning', () => {
  const { warnings } = compileJob(kubernetesJob({ spec: { parallelism: 5, completions: 2 } }));

  expect(warnings.map(({ path }) => path)).toEqual(['spec.parallelism']);
});

test('a Job that no cluster could keep is refused, also where an alias made it so large', () => {
  const text = `
apiVersion: kubernetes.project-planton.org/v1
kind: KubernetesJob
metadata: { name: nightly }
spec:
  namespace: batch
  image: { repo: busybox, tag: "1" }
  args: [&a ${'x'.repeat(60_000)}${', *a'.repeat(20)}]
`;
  const job = parseJob(readManifest(text, { source: 'job.yaml' }));
  expect(() => compileJob(job)).toThrow(/becomes a Job of 12\d{5} bytes, and a cluster keeps 1048576/);
});
