import { contextFlag, parseCount, parseDuration } from '../../flags.ts';

export const text = { kind: 'parsed', parse: String, optional: true } as const;
export const off = { kind: 'boolean', default: false, withNegated: false } as const;
export const duration = { kind: 'parsed', parse: parseDuration, optional: true, placeholder: 'DURATION' } as const;

export const where = {
  namespace: { ...text, placeholder: 'NAME', brief: 'Namespace of the sandboxes on the cluster (default: default)' },
  context: { ...contextFlag, brief: 'Go to this context of the kubeconfig directly, whatever EPHEMERA_URL says' },
} as const;

export const variables = {
  env: {
    ...text,
    variadic: true,
    placeholder: 'NAME[=VALUE]',
    brief:
      'A variable; NAME alone takes the value that it has here, which keeps secrets out of lists of processes; may be given several times',
  },
  envFile: {
    ...text,
    variadic: true,
    placeholder: 'FILE',
    brief: 'Variables from a file of NAME=value lines; --env wins; may be given several times',
  },
} as const;

/** What a new sandbox can be told, whichever command makes it. */
export const newSandbox = {
  name: { ...text, placeholder: 'NAME', brief: 'A name by which it can be found as by its id' },
  ...variables,
  cpu: {
    ...text,
    placeholder: 'CPU',
    brief: 'The most processor time that it gets, such as 500m or 2 (default: 1000m)',
  },
  memory: { ...text, placeholder: 'SIZE', brief: 'The most memory that it gets, such as 512Mi (default: 2Gi)' },
  disk: { ...text, placeholder: 'SIZE', brief: 'Size of work folder, home and /tmp together (default: 2Gi)' },
  lifetime: { ...duration, brief: 'When it ends by itself, 1s to 168h (default: 30m)' },
  user: {
    kind: 'parsed',
    parse: parseCount,
    optional: true,
    placeholder: 'UID',
    brief: 'The user id of its processes (default: 1000)',
  },
  dns: { ...off, brief: 'Let it look up names' },
  allow: {
    ...text,
    variadic: true,
    placeholder: 'CIDR',
    brief: 'Let it connect to this range, such as 203.0.113.0/24 (default: to nothing); may be given several times',
  },
  runtimeClass: { ...text, placeholder: 'NAME', brief: 'RuntimeClass of the cluster, such as gvisor' },
  userNamespace: { ...off, brief: 'In a user namespace of its own; where the cluster gives none, it does not start' },
  serviceAccount: { ...text, placeholder: 'NAME', brief: 'Account of its pod (default: ci-fixer-sandbox)' },
  startTimeout: { ...duration, brief: 'How long its start may take (default: 3m)' },
  ...where,
} as const;
