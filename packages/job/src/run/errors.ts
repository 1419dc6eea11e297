import { defineError } from '@ephemera/model';

export const Immutable = defineError<{ job: string; fields: readonly string[] }>({
  code: 'job.immutable',
  retryable: false,
  message: ({ job, fields }) =>
    `${job} exists already, and the cluster lets nobody change ${fields.length === 0 ? 'what differs' : fields.join(', ')} of a Job.`,
  hint: 'Replace it (`--replace`): the Job and its pods are deleted, and it runs again from the start. Or give the new one another name.',
});

export const NamespaceMissing = defineError<{ namespace: string }>({
  code: 'job.namespace_missing',
  retryable: false,
  message: ({ namespace }) => `Namespace ${namespace} does not exist.`,
  hint: 'Make the namespace, or set `spec.createNamespace` to true.',
});

export const NamespaceTaken = defineError<{ namespace: string; job: string; owner: string }>({
  code: 'job.namespace_taken',
  retryable: false,
  message: ({ namespace, job, owner }) =>
    `Namespace ${namespace}, which KubernetesJob ${job} would make, exists already and belongs to ${owner}.`,
  hint: 'Set `spec.createNamespace` to false to run in a namespace that is there; it is then not deleted with the job either.',
});

export const LeftBehind = defineError<{ refusal: string; left: readonly string[]; problem: string }>({
  code: 'job.left_behind',
  retryable: false,
  message: ({ refusal, left, problem }) =>
    `${refusal} What was made before that could not all be removed (${problem}), and may still be there: ${left.join(', ')}.`,
  hint: 'Repair what was refused and run again, or delete the job.',
});

export const DeleteDeadline = defineError<{ job: string; timeoutMs: number; left: readonly string[]; waiting: string }>(
  {
    code: 'job.delete_deadline',
    retryable: true,
    message: ({ job, timeoutMs, waiting }) => `${job} is not gone after ${timeoutMs} ms: ${waiting}`,
    hint: 'The cluster goes on deleting. Delete again to wait longer; `kubectl describe` of what is left shows what holds it.',
  },
);
