import type {
  JobEnv,
  JobMetadata,
  KubernetesJob,
  KubernetesJobSpec,
} from '../src/compile/kubernetes-job/kubernetes-job.ts';

interface Changes {
  readonly metadata?: Partial<JobMetadata>;
  readonly spec?: Partial<Omit<KubernetesJobSpec, 'env'>> & { readonly env?: Partial<JobEnv> };
}

/** A checked job with nothing but the defaults: `nightly` in namespace `batch`, which runs busybox:1. Changed by what is given. */
export function kubernetesJob({ metadata, spec: { env, ...spec } = {} }: Changes = {}): KubernetesJob {
  return {
    apiVersion: 'kubernetes.project-planton.org/v1',
    kind: 'KubernetesJob',
    metadata: { name: 'nightly', labels: {}, annotations: {}, tags: [], relationships: [], ...metadata },
    spec: {
      namespace: 'batch',
      createNamespace: false,
      image: { repo: 'busybox', tag: '1' },
      resources: { limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '50m', memory: '100Mi' } },
      env: { variables: [], secrets: [], envFrom: [], ...env },
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      activeDeadlineSeconds: null,
      ttlSecondsAfterFinished: null,
      completionMode: 'NonIndexed',
      restartPolicy: 'Never',
      command: [],
      args: [],
      configMaps: {},
      volumeMounts: [],
      suspend: false,
      ...spec,
    },
  };
}
