/** Whose pods run untrusted commands has an account without any right; who makes those pods has these, and no more. */
export const appAccount = 'ci-fixer-app';
export const sandboxAccount = 'ci-fixer-sandbox';
export const managerRole = 'ci-fixer-sandbox-manager';
export const managerBinding = 'ci-fixer-sandbox-binding';

/** One rule of the Role. */
export interface ManagerRule {
  /** API group; empty for the core. */
  readonly group: string;
  /** Plural; a subresource after a slash. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** What it is needed for; a comment in the manifest. */
  readonly because: string;
}

/**
 * All that making, using and removing sandboxes takes, in the namespace of the sandboxes only. Secrets are not in it: variables travel
 * over the stream to the sandbox and are in no object. Neither is any right to change rights.
 */
export const managerRules: readonly ManagerRule[] = [
  {
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'],
    because: 'A sandbox is a Job; patch moves the end of its time.',
  },
  {
    group: '',
    resource: 'pods',
    verbs: ['get', 'list', 'watch'],
    because:
      'The Job makes and removes its pod; it is looked at to say why it does not start, how it ended, and whether it is gone.',
  },
  {
    group: '',
    resource: 'pods/exec',
    verbs: ['create', 'get'],
    because: 'The one stream that commands and files go through; over WebSocket the API server asks for get as well.',
  },
  {
    group: '',
    resource: 'pods/log',
    verbs: ['get'],
    because: 'The last lines of a container that ended instead of starting.',
  },
  {
    group: '',
    resource: 'events',
    verbs: ['get', 'list', 'watch'],
    because: 'Why a pod does not start: images, quotas, admission, nodes.',
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['create', 'get', 'delete'],
    because: 'The runner, a small program, comes into the pod as one. It belongs to the Job.',
  },
  {
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    verbs: ['create', 'get', 'delete'],
    because: 'What a sandbox may reach over the network: by default nothing.',
  },
];
