import type { Right } from '@ephemera/kube';

/** A kind of object, what the server does with it, and why. */
interface Need {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly because: string;
}

/**
 * All that the server does in a cluster. They hold for the whole cluster, because the namespaces do not exist beforehand. `create` and
 * `patch` come together: both are what server-side apply asks for. A test runs an environment's life with exactly these.
 */
const needs: readonly Need[] = [
  {
    group: '',
    resource: 'namespaces',
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    because: 'an environment is a namespace: made, watched, compared with the ledger, removed',
  },
  { group: '', resource: 'resourcequotas', verbs: ['get', 'create', 'patch'], because: 'the quota of an environment' },
  { group: '', resource: 'limitranges', verbs: ['get', 'create', 'patch'], because: 'its default limits' },
  { group: '', resource: 'serviceaccounts', verbs: ['get', 'create', 'patch'], because: 'its account without a token' },
  {
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    verbs: ['get', 'create', 'patch'],
    because: 'its default-deny policy',
  },
];

export interface NeededRight extends Right {
  readonly because: string;
}

/** One right a row. */
export const neededRights: readonly NeededRight[] = needs.flatMap(({ group, resource, verbs, because }) =>
  verbs.map((verb) => ({ verb, group, resource, because })),
);

/** The rules of a ClusterRole that gives these and nothing else. */
export const clusterRoleRules = needs.map(({ group, resource, verbs }) => ({
  apiGroups: [group],
  resources: [resource],
  verbs: [...verbs],
}));
