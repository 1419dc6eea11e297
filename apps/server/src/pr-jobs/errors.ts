import { defineError } from '@ephemera/model';

export const NamespaceNotAllowed = defineError<{ namespace: string; allowed: readonly string[] }>({
  code: 'pr_job.namespace_not_allowed',
  retryable: false,
  message: ({ namespace, allowed }) =>
    `Pull-request jobs may not use the namespace ${namespace} here: ${allowedOf(allowed, 'none is')}.`,
  hint: 'Name one of these, or have it added to PR_JOBS_NAMESPACES of the server and to the token.',
});

export const ImageNotAllowed = defineError<{ image: string; allowed: readonly string[] }>({
  code: 'pr_job.image_not_allowed',
  retryable: false,
  message: ({ image, allowed }) =>
    `Pull-request jobs may not run the image ${image} here: ${allowedOf(allowed, 'none is')}.`,
  hint: 'Name one of these (* is any text), or have it added to PR_JOBS_IMAGES of the server and to the token.',
});

export const ClusterNotAllowed = defineError<{ clusterName: string; allowed: readonly string[] }>({
  code: 'pr_job.cluster_not_allowed',
  retryable: false,
  message: ({ clusterName, allowed }) =>
    `Pull-request jobs may not use the cluster ${clusterName} here: ${allowedOf(allowed, 'only the server’s own is')}.`,
  hint: 'Leave clusterName out for the server’s own cluster, or have the name added to PR_JOBS_CLUSTERS of the server.',
});

export const ProfileNotAllowed = defineError<{ profile: string; allowed: readonly string[] }>({
  code: 'pr_job.profile_not_allowed',
  retryable: false,
  message: ({ profile, allowed }) =>
    `Pull-request jobs may not have the profile ${profile} here: ${allowedOf(allowed, 'none is')}.`,
  hint: 'Leave profile out, or have PR_JOBS_PROFILE of the server changed: callers get that much and no more.',
});

export const RepositoryNotAllowed = defineError<{ repositoryId: number; allowed: readonly number[] }>({
  code: 'pr_job.repository_not_allowed',
  retryable: false,
  message: ({ repositoryId, allowed }) =>
    `The token is not for the repository ${repositoryId}: ${allowedOf(allowed.map(String), 'it is for none that is known')}.`,
  hint: 'Leave repositoryId out, or name one of these.',
});

export const RepositoryUnknown = defineError<object>({
  code: 'pr_job.repository_unknown',
  retryable: false,
  message: () => 'The token is narrowed to repositories that this server has not heard of yet.',
  hint: 'Install the GitHub App on the repository; with the first pull request it is known. Or use a token without --repository.',
});

export const RepositoryUnclear = defineError<{ choices: readonly number[] }>({
  code: 'pr_job.repository_unclear',
  retryable: false,
  message: ({ choices }) =>
    `The token is for several repositories, and repositoryId does not say whose job it is: ${choices.join(', ')}.`,
  hint: 'Add repositoryId to the body: the number by which GitHub knows the repository.',
});

export const NameTaken = defineError<{ name: string; namespace: string }>({
  code: 'pr_job.name_taken',
  retryable: false,
  message: ({ name, namespace }) =>
    `The name ${name} in namespace ${namespace} is used by jobs of somebody else, or of another repository.`,
  hint: 'All repositories share the names of a namespace. Take another name, such as one that begins with the name of your repository, or a namespace of its own.',
});

export const NameNotFound = defineError<{ name: string; namespace: string }>({
  code: 'pr_job.name_not_found',
  retryable: false,
  message: ({ name, namespace }) => `There is nothing of ${name} in namespace ${namespace} that the token reaches.`,
  hint: 'Jobs of another repository are cleaned up with a token of that repository.',
});

export const NameLost = defineError<{ name: string; namespace: string }>({
  code: 'pr_job.name_lost',
  retryable: true,
  message: ({ name, namespace }) =>
    `The name ${name} in namespace ${namespace} was given up while its job was being made, so no Job was made.`,
  hint: 'Send the request again.',
});

/** Whether what was asked last is done is not known. */
export const TooSlow = defineError<{ what: 'create' | 'cleanup'; seconds: number }>({
  code: 'pr_job.too_slow',
  retryable: true,
  message: ({ what, seconds }) => `The cluster was too slow: the ${what} was not over within ${seconds} seconds.`,
  hint: ({ what }) =>
    what === 'cleanup'
      ? 'Send it again: it goes on where it stopped.'
      : 'Send it again with the same Idempotency-Key, or the same token of GitHub Actions, and the job is made once. A create without either may make a second one: clean up first.',
});

export const KeyReused = defineError<object>({
  code: 'pr_job.key_reused',
  retryable: false,
  message: () => 'This Idempotency-Key was sent before with another request.',
  hint: 'A key stands for one request, for 24 hours: send the same request again, or take a new key.',
});

export const TooManyRequests = defineError<{ what: string; retryAfterSeconds: number }>({
  code: 'pr_job.too_many_requests',
  retryable: true,
  message: ({ what, retryAfterSeconds }) => `${what}. Ask again in ${retryAfterSeconds} seconds.`,
  hint: 'Wait that long. The setting PR_JOBS_PER_MINUTE of the server says how often one caller may ask, and how much goes on at once.',
});

function allowedOf(allowed: readonly string[], none: string): string {
  return allowed.length === 0 ? none : `allowed ${allowed.length === 1 ? 'is' : 'are'} ${allowed.join(', ')}`;
}
