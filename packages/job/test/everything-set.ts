import { kubernetesJob } from './kubernetes-job.ts';

/** A job with every field of the spec set to something else than its default, but for those that exclude each other. */
export const everythingSet = kubernetesJob({
  metadata: {
    id: 'k8sjob-1',
    org: 'acme',
    env: 'prod',
    labels: { team: 'data' },
    annotations: { 'example.com/owner': 'data@example.com' },
  },
  spec: {
    createNamespace: true,
    image: { repo: 'registry.example/batch', tag: 'v2', pullSecretName: 'registry' },
    resources: { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '1', memory: '1Gi' } },
    env: {
      variables: [{ name: 'LEVEL', value: 'info' }],
      secrets: [
        { name: 'API_KEY', value: 'k-123' },
        { name: 'PASSWORD', secretRef: { name: 'database', key: 'password' } },
      ],
      envFrom: [{ prefix: 'DB_', configMapRef: { name: 'database' } }],
    },
    parallelism: 2,
    completions: 4,
    backoffLimit: 3,
    activeDeadlineSeconds: 3600,
    ttlSecondsAfterFinished: 600,
    completionMode: 'Indexed',
    restartPolicy: 'OnFailure',
    command: ['sh', '-c'],
    args: ['echo "$1"', '--', 'two words'],
    configMaps: { 'run.sh': '#!/bin/sh\ntrue\n', 'app.conf': '' },
    volumeMounts: [
      { name: 'run', mountPath: '/opt/run.sh', readOnly: true, subPath: 'run.sh', configMap: { name: 'run.sh' } },
      { name: 'scratch', mountPath: '/tmp', readOnly: false, emptyDir: {} },
    ],
    suspend: true,
    serviceAccountName: 'reporter',
    nodeSelector: { 'kubernetes.io/arch': 'arm64' },
    tolerations: [{ key: 'batch', operator: 'Exists', effect: 'NoSchedule' }],
    securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true },
    runtimeClassName: 'gvisor',
    hostUsers: false,
    initContainers: [{ name: 'prepare', image: { repo: 'busybox', tag: '1' }, command: ['true'], args: [] }],
  },
});
