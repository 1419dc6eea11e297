import type { KubernetesJobManifest } from '@ephemera/job/compile';

/** Carried by every object of one round, so that it is watched and removed by one selector. */
export const roundLabel = 'ephemera.dev/bench-round';

export interface BenchJob {
  readonly namespace: string;
  readonly name: string;
  readonly round: string;
  readonly suspend?: boolean;
}

/** One pod that writes a line, with a Secret and a ConfigMap of its own: every kind of object that a usual job has. */
export function benchJob({ namespace, name, round, suspend = false }: BenchJob): KubernetesJobManifest {
  return {
    apiVersion: 'kubernetes.project-planton.org/v1',
    kind: 'KubernetesJob',
    metadata: { name, labels: { [roundLabel]: round } },
    spec: {
      namespace,
      image: { repo: 'busybox', tag: '1' },
      resources: { requests: { cpu: '1m', memory: '4Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
      env: { variables: { GREETING: { value: 'hello' } }, secrets: { TOKEN: { value: 'of the bench' } } },
      command: ['sh', `/script/${name}.sh`],
      configMaps: { [`${name}.sh`]: 'echo "$GREETING from $K8S_POD_ID"\n' },
      volumeMounts: [{ name: 'script', mountPath: '/script', configMap: { name: `${name}.sh` } }],
      suspend,
    },
  };
}
