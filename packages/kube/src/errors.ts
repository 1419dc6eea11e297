import { defineError } from '@ephemera/model';

export const KubeconfigInvalid = defineError<{ path: string; problem: string }>({
  code: 'kube.kubeconfig_invalid',
  retryable: false,
  message: ({ path, problem }) => `The kubeconfig ${path} cannot be used: ${problem}.`,
  hint: 'Set KUBECONFIG_PATH to a kubeconfig that kubectl accepts, or name another context.',
});

export const NoCluster = defineError<{ looked: string }>({
  code: 'kube.no_cluster',
  retryable: false,
  message: ({ looked }) => `No cluster to talk to: ${looked}.`,
  hint: 'Set KUBECONFIG_PATH, run inside a cluster, or start a local one: npx ephemera cluster up.',
});

export const CredentialsUnavailable = defineError<{ server: string; problem: string }>({
  code: 'kube.credentials_unavailable',
  retryable: true,
  message: ({ server, problem }) => `The credentials for the cluster at ${server} cannot be read: ${problem}.`,
  hint: 'Check the files and the plugin that the kubeconfig names; kubectl with the same kubeconfig shows the same.',
});

export const Unreachable = defineError<{ server: string; problem: string }>({
  code: 'kube.unreachable',
  retryable: true,
  message: ({ server, problem }) => `The cluster at ${server} does not answer: ${problem}.`,
  hint: 'Check that the cluster runs and that this machine reaches it.',
});

export const DeadlineExceeded = defineError<{ what: string; timeoutMs: number }>({
  code: 'kube.deadline_exceeded',
  retryable: true,
  message: ({ what, timeoutMs }) => `${what} took longer than ${timeoutMs} ms.`,
  hint: 'The cluster is slow or overloaded; the call is tried again later.',
});

export const Unauthenticated = defineError<{ server: string }>({
  code: 'kube.unauthenticated',
  retryable: false,
  message: ({ server }) => `The cluster at ${server} does not accept these credentials.`,
  hint: 'The token or certificate of the kubeconfig has expired or belongs to another cluster.',
});

export const Forbidden = defineError<{ what: string; reason: string }>({
  code: 'kube.forbidden',
  retryable: false,
  message: ({ what, reason }) => `${what} was refused: ${reason}`,
  hint: 'Give the account of this server the missing right, or ask for what the admission rules of the cluster allow.',
});

export const QuotaExceeded = defineError<{ what: string; reason: string }>({
  code: 'kube.quota_exceeded',
  retryable: false,
  message: ({ what, reason }) => `${what} does not fit the quota: ${reason}`,
  hint: 'Ask for less, or raise the quota that the message names; an environment has QUOTA_PODS, QUOTA_CPU, QUOTA_MEMORY and others.',
});

export const AdmissionDenied = defineError<{ what: string; reason: string }>({
  code: 'kube.admission_denied',
  retryable: false,
  message: ({ what, reason }) => `${what} was refused by an admission rule of the cluster: ${reason}`,
  hint: 'Change what is asked for, or the rule that the message names.',
});

export const Invalid = defineError<{ what: string; reason: string }>({
  code: 'kube.invalid',
  retryable: false,
  message: ({ what, reason }) => `${what} is not valid: ${reason}`,
  hint: 'The cluster does not take the object as it is; the reason names the field.',
});

export const NotFound = defineError<{ what: string }>({
  code: 'kube.not_found',
  retryable: false,
  message: ({ what }) => `${what} does not exist.`,
});

export const UnknownKind = defineError<{ what: string; reason: string }>({
  code: 'kube.unknown_kind',
  retryable: false,
  message: ({ what, reason }) => `${what} is not possible, as the cluster does not know this kind of object: ${reason}`,
  hint: 'Install what brings this API (kubectl api-resources lists those that are there), or upgrade the cluster.',
});

export const AlreadyExists = defineError<{ what: string }>({
  code: 'kube.already_exists',
  retryable: false,
  message: ({ what }) => `${what} failed: an object of that name is there already.`,
  hint: 'Choose another name, or remove what has it.',
});

export const Conflict = defineError<{ what: string; reason: string }>({
  code: 'kube.conflict',
  retryable: true,
  message: ({ what, reason }) => `${what} was changed by somebody else meanwhile: ${reason}`,
  hint: 'The next attempt reads the object again.',
});

export const Gone = defineError<{ what: string }>({
  code: 'kube.gone',
  retryable: true,
  message: ({ what }) => `The history that ${what} asked for is no longer kept.`,
  hint: 'List again and watch from there.',
});

export const Throttled = defineError<{ what: string; retryAfterMs: number }>({
  code: 'kube.throttled',
  retryable: true,
  message: ({ what, retryAfterMs }) => `The cluster asks to wait ${retryAfterMs} ms before ${what}.`,
});

export const Unavailable = defineError<{ what: string; status: number; reason: string; retryAfterMs?: number }>({
  code: 'kube.unavailable',
  retryable: true,
  message: ({ what, status, reason }) => `${what} failed inside the cluster (${status}): ${reason}`,
});

export const Foreign = defineError<{ what: string; owner: string }>({
  code: 'kube.foreign',
  retryable: false,
  message: ({ what, owner }) => `${what} exists already and belongs to ${owner}.`,
  hint: 'Ephemera never changes or deletes what it did not make. Remove or rename the object by hand.',
});

export const Terminating = defineError<{ what: string }>({
  code: 'kube.terminating',
  retryable: true,
  message: ({ what }) => `${what} is still being removed.`,
  hint: 'The next attempt comes as soon as it is gone.',
});

export const ContainerNotReady = defineError<{ what: string; reason: string }>({
  code: 'kube.container_not_ready',
  retryable: true,
  message: ({ what, reason }) => `${what} is not possible yet: ${reason}`,
  hint: 'The container is there as soon as the node has started it. kubectl describe pod says what holds it up.',
});

export const ExecFailed = defineError<{ what: string; reason: string }>({
  code: 'kube.exec_failed',
  retryable: false,
  message: ({ what, reason }) => `${what} failed on the node: ${reason}`,
  hint: 'The container has ended, or has no such program; kubectl describe pod says what became of it.',
});

export const TooManyStreams = defineError<{ server: string; most: number }>({
  code: 'kube.too_many_streams',
  retryable: true,
  message: ({ server, most }) => `${most} streams to containers of the cluster at ${server} are open already.`,
  hint: 'Close those that are no longer needed; the next attempt may find room.',
});
