import type { Right } from '@ephemera/kube';
import { managerRules } from '@ephemera/sandbox/rights';

/** A kind of object, what the server does with it, and why. */
interface Need {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly because: string;
}

/**
 * All that the server does in a cluster for environments. They hold for the whole cluster, because the namespaces do not exist beforehand. `create` and
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

const rbac = 'rbac.authorization.k8s.io';

/**
 * What it needs besides in each namespace of PR_JOBS_NAMESPACES, and nowhere else. Kubernetes lets nobody grant what he does not hold, so
 * everything that the account of a job may do is here too: `escalate` and `bind` would do instead, and let the server grant itself
 * everything in that namespace.
 */
const prJobNeeds: readonly Need[] = [
  {
    group: 'batch',
    resource: 'jobs',
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    because: 'the jobs themselves: made, followed, removed',
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['get', 'list', 'watch', 'create', 'delete'],
    because: 'their pods are diagnosed and removed; to create them is granted to jobs of the profile seed',
  },
  { group: '', resource: 'pods/log', verbs: ['get'], because: 'the log of a job; granted to jobs of the profile seed' },
  {
    group: '',
    resource: 'pods/exec',
    verbs: ['get', 'create'],
    because: 'granted to jobs: buildx talks to its builder by it',
  },
  { group: '', resource: 'events', verbs: ['list'], because: 'why a pod does not start' },
  {
    group: '',
    resource: 'serviceaccounts',
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
    because: 'the account of a job',
  },
  {
    group: rbac,
    resource: 'roles',
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
    because: 'what that account may do',
  },
  {
    group: rbac,
    resource: 'rolebindings',
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
    because: 'that it may do it',
  },
  {
    group: '',
    resource: 'secrets',
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
    because:
      'the token of a private repository; whether there are Secrets of others; reading is granted to jobs of the profile seed',
  },
  {
    group: 'apps',
    resource: 'deployments',
    verbs: ['get', 'list', 'create', 'delete'],
    because: 'the builders that buildx makes: granted to jobs, and removed when those are gone',
  },
  { group: 'apps', resource: 'statefulsets', verbs: ['get', 'list', 'create', 'delete'], because: 'the same' },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['get', 'list', 'create', 'update', 'delete'],
    because: 'the configuration of a builder: granted to jobs, and removed when those are gone',
  },
  {
    group: '',
    resource: 'persistentvolumeclaims',
    verbs: ['get', 'list', 'delete'],
    because: 'what a builder with a volume leaves behind',
  },
];

const admission = 'admissionregistration.k8s.io';

/** For the whole cluster, and better to have: the guard over what accounts of jobs may create. Somebody else may apply it instead. */
const guardNeeds: readonly Need[] = ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map(
  (resource) => ({ group: admission, resource, verbs: ['get', 'create', 'patch'], because: 'the guard' }),
);

export interface NeededRight extends Right {
  readonly because: string;
}

/** One right a row. */
export const neededRights: readonly NeededRight[] = rightsOf(needs);

/** Those for pull-request jobs in one namespace. */
export function prJobRights(namespace: string): readonly NeededRight[] {
  return rightsOf(prJobNeeds).map((right) => ({ ...right, namespace }));
}

/** Those for sandboxes in their namespace: what the Role `ci-fixer-sandbox-manager` of k8s/rbac gives. */
export function sandboxRights(namespace: string): readonly NeededRight[] {
  return rightsOf(managerRules).map((right) => ({ ...right, namespace }));
}

/** The rules of a ClusterRole that gives these and nothing else. */
export const clusterRoleRules = rulesOf(needs);
/** The same of a Role in each namespace of PR_JOBS_NAMESPACES. */
export const prJobRoleRules = rulesOf(prJobNeeds);
/** The same of a ClusterRole for the guard. */
export const guardRoleRules = rulesOf(guardNeeds);

function rightsOf(some: readonly Need[]): readonly NeededRight[] {
  return some.flatMap(({ group, resource, verbs, because }) =>
    verbs.map((verb) => ({ verb, group, resource, because })),
  );
}

function rulesOf(some: readonly Need[]) {
  return some.map(({ group, resource, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [...verbs],
  }));
}
