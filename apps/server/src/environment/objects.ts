import { appLabel, labelPrefix, labelValue, type Manifest } from '@ephemera/model';
import type { Environment } from '../store/schema.ts';

/** What one environment may use. */
export interface Limits {
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
  readonly services: number;
  readonly persistentVolumeClaims: number;
  readonly secrets: number;
  readonly configMaps: number;
  /** For containers that name none. */
  readonly defaultCpu: string;
  readonly defaultMemory: string;
}

type Facts = Pick<
  Environment,
  | 'id'
  | 'namespace'
  | 'prNumber'
  | 'repositoryFullName'
  | 'repositoryName'
  | 'branchName'
  | 'wantedSha'
  | 'isFork'
  | 'generation'
>;

export function namespaceObject(environment: Facts): Manifest {
  const { namespace, isFork } = environment;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        app: appLabel,
        'pr-number': String(environment.prNumber),
        repository: labelValue(environment.repositoryName),
        'environment-id': String(environment.id),
        // Code of strangers gets the narrower profile, before anything of it runs.
        'pod-security.kubernetes.io/enforce': isFork ? 'restricted' : 'baseline',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
      // Labels cannot hold `owner/name` or a branch; annotations hold any text, and nothing reads them back.
      annotations: {
        [`${labelPrefix}/repository`]: environment.repositoryFullName,
        [`${labelPrefix}/branch`]: environment.branchName,
        [`${labelPrefix}/commit`]: environment.wantedSha,
        [`${labelPrefix}/generation`]: String(environment.generation),
      },
    },
  };
}

/** Everything that has to be in a namespace before the first pod may run there. */
export function guardrailObjects({ namespace }: Pick<Facts, 'namespace'>, limits: Limits): readonly Manifest[] {
  return [
    quota(namespace, limits),
    defaultLimits(namespace, limits),
    defaultDeny(namespace),
    accountWithoutToken(namespace),
  ];
}

function quota(namespace: string, limits: Limits): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'environment', namespace },
    spec: {
      hard: {
        'limits.cpu': limits.cpu,
        'limits.memory': limits.memory,
        'requests.cpu': limits.cpu,
        'requests.memory': limits.memory,
        pods: String(limits.pods),
        services: String(limits.services),
        persistentvolumeclaims: String(limits.persistentVolumeClaims),
        secrets: String(limits.secrets),
        configmaps: String(limits.configMaps),
      },
    },
  };
}

/** A quota on CPU and memory refuses every pod that names neither; with these defaults such pods fit. */
function defaultLimits(namespace: string, limits: Limits): Manifest {
  const resources = { cpu: limits.defaultCpu, memory: limits.defaultMemory };
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'environment', namespace },
    spec: { limits: [{ type: 'Container', default: resources, defaultRequest: resources }] },
  };
}

function defaultDeny(namespace: string): Manifest {
  const sameNamespace = { podSelector: {} };
  // Any address on the DNS port: a node-local cache or a DNS server on the node is no pod that a selector could name.
  const dns = {
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'environment', namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [sameNamespace] }],
      egress: [{ to: [sameNamespace] }, dns],
    },
  };
}

/** The account that pods get when they name none. Kubernetes makes it too; ours takes its place and mounts no token. */
function accountWithoutToken(namespace: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
    automountServiceAccountToken: false,
  };
}
