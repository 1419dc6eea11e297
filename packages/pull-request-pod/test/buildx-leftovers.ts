import type { Manifest } from '@ephemera/model';

export interface Builder {
  /** That of the Job. */
  readonly name: string;
  readonly namespace: string;
  /** What the driver option `labels` says; buildx before 0.12 has none. */
  readonly labels?: Readonly<Record<string, string>>;
}

const container = {
  name: 'buildkitd',
  image: 'busybox:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
};

/** A builder as buildx's kubernetes driver makes it: `app` is its name on itself and on its pods, further labels are on both. */
export function deploymentOf({ name, namespace, labels = {} }: Builder): Manifest {
  const all = { ...labels, app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: all },
    spec: {
      replicas: 1,
      selector: { matchLabels: all },
      template: { metadata: { labels: all }, spec: { containers: [container] } },
    },
  };
}

/** Its state in a claim, with the option `persistent-volume-claim`. No node can run it: the local cluster makes no volumes. */
export function statefulSetOf({ name, namespace, labels = {} }: Builder): Manifest {
  const all = { ...labels, app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace, labels: all },
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: all },
      template: {
        metadata: { labels: all },
        spec: { containers: [{ ...container, volumeMounts: [{ name: 'buildkitd', mountPath: '/state' }] }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'buildkitd' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
        },
      ],
    },
  };
}

/** The configuration of its daemon; buildx puts no labels on it. */
export function configMapOf(name: string, namespace: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { 'buildkitd.toml': 'debug = true' },
  };
}
