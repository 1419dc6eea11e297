import { randomBytes } from 'node:crypto';
import { createObject, kubectl } from '@ephemera/local-cluster/kubectl';

/** A namespace for pull-request jobs of one test alone. */
export interface PrJobNamespace extends AsyncDisposable {
  readonly name: string;
  /** What is in it, as `kind/name`, besides what the cluster puts into every namespace. */
  contents(): Promise<string[]>;
}

const kinds =
  'jobs,pods,deployments,replicasets,statefulsets,configmaps,persistentvolumeclaims,secrets,serviceaccounts,roles,rolebindings';
const ofTheCluster = new Set(['configmap/kube-root-ca.crt', 'serviceaccount/default']);

export async function prJobNamespace(labels: Readonly<Record<string, string>> = {}): Promise<PrJobNamespace> {
  const name = `pr-jobs-${randomBytes(5).toString('hex')}`;
  await createObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  return {
    name,
    contents: async () => {
      const names = (await kubectl(['get', kinds, '-n', name, '-o', 'name'])).split('\n');
      return names.filter((one) => one !== '' && !ofTheCluster.has(one)).toSorted();
    },
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', name, '--wait=false']);
    },
  };
}

export interface BuilderOf {
  readonly namespace: string;
  /** Of the pull-request job. */
  readonly name: string;
  readonly jobName: string;
  readonly instance: string;
}

/**
 * What buildx makes from inside a job and only the job removes again: a builder with the labels that the job asks for, and its
 * configuration and claim, which buildx does not label. Returns them as `contents()` shows them.
 */
export async function leaveBuilder({ namespace, name, jobName, instance }: BuilderOf): Promise<string[]> {
  const selector = { app: jobName };
  const labels = {
    ...selector,
    'created-by': 'catalyst-web-app',
    'pr-name': name,
    'ephemera.dev/instance': instance,
  };
  await createObject({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${jobName}-config`, namespace },
    data: { 'buildkitd.toml': '' },
  });
  await createObject({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `buildkitd-${jobName}-0`, namespace, labels: selector },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  });
  await createObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: jobName, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'buildkitd', image: 'busybox:1', command: ['sleep', '86400'] }],
        },
      },
    },
  });
  return [`configmap/${jobName}-config`, `deployment.apps/${jobName}`, `persistentvolumeclaim/buildkitd-${jobName}-0`];
}
