import { expect, test } from 'vitest';
import { compilePodJob } from './compile-pod-job.ts';

test('a pod of any kind becomes a Job with its labels, its settings and nothing else', () => {
  const job = compilePodJob({
    name: 'count',
    namespace: 'shop',
    labels: { app: 'count' },
    settings: { backoffLimit: 0 },
    pod: { restartPolicy: 'Never', containers: [{ name: 'count', image: 'busybox:1' }] },
  });

  expect(job).toStrictEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'count', namespace: 'shop', labels: { app: 'count' } },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { app: 'count' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'count', image: 'busybox:1' }] },
      },
    },
  });
});

test('annotations of the Job and of its pods are kept apart', () => {
  const job = compilePodJob({
    name: 'count',
    namespace: 'shop',
    labels: { app: 'count' },
    annotations: { 'example.com/expires': '2026-01-01T00:00:00Z' },
    podAnnotations: { 'example.com/scrape': 'no' },
    settings: {},
    pod: { containers: [{ name: 'count', image: 'busybox:1' }] },
  });

  expect(job.metadata.annotations).toEqual({ 'example.com/expires': '2026-01-01T00:00:00Z' });
  expect(job.spec.template.metadata?.annotations).toEqual({ 'example.com/scrape': 'no' });
});

test('the settings are written in one order and a selector is never written, whatever the caller passes', () => {
  const untyped: object = {
    selector: { matchLabels: { app: 'someone-else' } },
    manualSelector: true,
    podReplacementPolicy: 'Failed',
    podFailurePolicy: { rules: [] },
    suspend: true,
    ttlSecondsAfterFinished: 0,
    activeDeadlineSeconds: 1,
    backoffLimit: 0,
    completionMode: 'Indexed',
    completions: 2,
    parallelism: 2,
  };

  const { spec } = compilePodJob({
    name: 'count',
    namespace: 'shop',
    labels: { app: 'count' },
    settings: untyped,
    pod: { containers: [{ name: 'count', image: 'busybox:1' }] },
  });

  expect(Object.keys(spec)).toEqual([
    'parallelism',
    'completions',
    'completionMode',
    'backoffLimit',
    'activeDeadlineSeconds',
    'ttlSecondsAfterFinished',
    'suspend',
    'podFailurePolicy',
    'podReplacementPolicy',
    'template',
  ]);
});

test('a pull-request build job can be expressed: own labels, own container name, an account with its token', () => {
  const labels = { app: 'catalyst-pr-job', 'created-by': 'catalyst-web-app', 'pr-name': 'pr-12' };

  const job = compilePodJob({
    name: 'pr-job-pr-12-1767225600000',
    namespace: 'builds',
    labels,
    settings: { backoffLimit: 3, ttlSecondsAfterFinished: 3600, activeDeadlineSeconds: 1800 },
    pod: {
      restartPolicy: 'Never',
      serviceAccountName: 'pr-12-buildx-sa',
      automountServiceAccountToken: true,
      containers: [
        {
          name: 'buildx-container',
          image: 'docker:24-dind',
          command: ['/bin/sh', '-ec', 'docker buildx create --driver=kubernetes --name k8s-builder'],
          resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
        },
      ],
    },
  });

  expect(job).toStrictEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'pr-job-pr-12-1767225600000', namespace: 'builds', labels },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 1800,
      ttlSecondsAfterFinished: 3600,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: 'pr-12-buildx-sa',
          automountServiceAccountToken: true,
          containers: [
            {
              name: 'buildx-container',
              image: 'docker:24-dind',
              command: ['/bin/sh', '-ec', 'docker buildx create --driver=kubernetes --name k8s-builder'],
              resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
            },
          ],
        },
      },
    },
  });
});

test('a sandbox can be expressed: a runner put in by an init container, a read-only root, fails where its pod is disrupted', () => {
  const labels = { app: 'ci-fixer-sandbox', 'job-id': 'sb-7f3a' };
  const locked = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  const pod = {
    restartPolicy: 'Never' as const,
    serviceAccountName: 'ci-fixer-sandbox',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostUsers: false,
    runtimeClassName: 'gvisor',
    terminationGracePeriodSeconds: 5,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [
      {
        name: 'runner',
        image: 'runner:1',
        command: ['/runner', 'install', '/opt/runner'],
        volumeMounts: [{ name: 'runner', mountPath: '/opt/runner' }],
        securityContext: locked,
      },
    ],
    containers: [
      {
        name: 'sandbox',
        image: 'node:24',
        command: ['/opt/runner/runner'],
        workingDir: '/workspace',
        env: [{ name: 'HOME', value: '/workspace/home' }],
        resources: {
          limits: { cpu: '1000m', memory: '2Gi', 'ephemeral-storage': '4Gi' },
          requests: { cpu: '250m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
        },
        volumeMounts: [
          { name: 'runner', mountPath: '/opt/runner', readOnly: true },
          { name: 'workspace', mountPath: '/workspace' },
        ],
        securityContext: locked,
      },
    ],
    volumes: [
      { name: 'runner', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      { name: 'workspace', emptyDir: { sizeLimit: '2Gi' } },
    ],
  };
  const podFailurePolicy = {
    rules: [{ action: 'FailJob' as const, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' as const }] }],
  };

  const job = compilePodJob({
    name: 'sb-7f3a',
    namespace: 'sandboxes',
    labels,
    annotations: { 'example.com/expires': '2026-01-01T00:10:00Z' },
    settings: {
      backoffLimit: 0,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 300,
      podFailurePolicy,
      podReplacementPolicy: 'Failed',
    },
    pod,
  });

  expect(job).toStrictEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'sb-7f3a',
      namespace: 'sandboxes',
      labels,
      annotations: { 'example.com/expires': '2026-01-01T00:10:00Z' },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 300,
      podFailurePolicy,
      podReplacementPolicy: 'Failed',
      template: { metadata: { labels }, spec: pod },
    },
  });
});

test('an image build can be expressed: several containers that share volumes, credentials from a Secret', () => {
  const labels = { app: 'image-build', build: 'b-1' };
  const pod = {
    restartPolicy: 'Never' as const,
    automountServiceAccountToken: false,
    initContainers: [
      {
        name: 'source',
        image: 'git:2',
        args: ['clone'],
        volumeMounts: [{ name: 'source', mountPath: '/source' }],
      },
      { name: 'cache', image: 'cache:1', restartPolicy: 'Always' },
    ],
    containers: [
      {
        name: 'amd64',
        image: 'builder:1',
        args: ['--platform=linux/amd64'],
        volumeMounts: [
          { name: 'source', mountPath: '/source', readOnly: true },
          { name: 'registry', mountPath: '/root/.docker/config.json', subPath: 'config.json', readOnly: true },
        ],
      },
      {
        name: 'arm64',
        image: 'builder:1',
        args: ['--platform=linux/arm64'],
        volumeMounts: [{ name: 'source', mountPath: '/source', readOnly: true }],
      },
    ],
    volumes: [
      { name: 'source', emptyDir: {} },
      {
        name: 'registry',
        secret: {
          secretName: 'registry-credentials',
          defaultMode: 256,
          items: [{ key: '.dockerconfigjson', path: 'config.json' }],
        },
      },
    ],
  };

  const job = compilePodJob({ name: 'b-1', namespace: 'builds', labels, settings: { backoffLimit: 0 }, pod });

  expect(job).toStrictEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'b-1', namespace: 'builds', labels },
    spec: { backoffLimit: 0, template: { metadata: { labels }, spec: pod } },
  });
});
