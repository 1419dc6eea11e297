import { defineError } from '@ephemera/model';

/** One thing that is wrong with what was asked for. Values are never quoted: some of them are secrets. */
export interface OrderProblem {
  /** For example `repository.branch`. */
  readonly path: string;
  /** To be read after the path: `is missing`. */
  readonly problem: string;
  /** What to write instead: a sentence. */
  readonly fix: string;
}

export const PrJobInvalid = defineError<{ problems: readonly OrderProblem[] }>({
  code: 'pr_job.invalid',
  retryable: false,
  message: ({ problems }) => `The pull-request job cannot be made as asked:\n${problems.map(lineOf).join('\n')}`,
  hint: 'The documentation of pull-request jobs says what each field takes.',
});

export const PrJobNotFound = defineError<{ jobName: string; namespace: string; name?: string | undefined }>({
  code: 'pr_job.not_found',
  retryable: false,
  message: ({ jobName, namespace, name }) =>
    `There is no pull-request job ${jobName}${name === undefined ? '' : ` of ${name}`} in namespace ${namespace}.`,
  hint: 'Jobs are removed an hour after their end. kubectl get jobs -l created-by=catalyst-web-app lists those that are there.',
});

/** `known`: names of clusters and contexts, never anything of their contents. */
export const PrJobClusterUnknown = defineError<{ clusterName: string; known: readonly string[] }>({
  code: 'pr_job.cluster_unknown',
  retryable: false,
  message: ({ clusterName, known }) =>
    `There is no cluster ${clusterName}. ${known.length === 0 ? 'No cluster is named' : `Known: ${known.join(', ')}`}.`,
  hint: 'Set KUBECONFIG_<NAME> to a kubeconfig in base64, and ask for NAME or for one of its contexts.',
});

export const PrJobNamespaceMissing = defineError<{ namespace: string }>({
  code: 'pr_job.namespace_missing',
  retryable: false,
  message: ({ namespace }) => `There is no namespace ${namespace}.`,
  hint: 'Make it first: pull-request jobs run in a namespace that is there and never make one.',
});

/** `secrets`: names of some of them, never their contents. */
export const PrJobForeignSecrets = defineError<{ namespace: string; secrets: readonly string[] }>({
  code: 'pr_job.foreign_secrets',
  retryable: false,
  message: ({ namespace, secrets }) =>
    `The profile seed lets the job read every Secret of namespace ${namespace}, and Secrets that are not its account’s are there: ${secrets.join(', ')}.`,
  hint: 'Ask for the profile minimal, which reads no Secret, or for a namespace without Secrets. Those of earlier jobs of this name go with its cleanup.',
});

export const PrJobReadable = defineError<{ namespace: string; role: string }>({
  code: 'pr_job.readable',
  retryable: false,
  message: ({ namespace, role }) =>
    `The Role ${role} lets a job of namespace ${namespace} read its Secrets, so that the repository's credentials would not stay secret.`,
  hint: 'Clean up the job with the profile seed first, or use a namespace of its own.',
});

/** `reaches`: what the account would reach by what it creates: Secrets of others that are there, or the nodes of the cluster. */
export const PrJobUnguarded = defineError<{ namespace: string; because: string; reaches: 'secrets' | 'nodes' }>({
  code: 'pr_job.unguarded',
  retryable: false,
  message: ({ namespace, because, reaches }) =>
    `Nothing limits what the job's account may create in namespace ${namespace}, ${reaches === 'secrets' ? 'which holds Secrets of others' : 'which may be as much as root of a node'}: ${because}`,
  hint: ({ reaches }) =>
    `Let an administrator apply the admission policy ephemera-pull-request-pods once, and give this account the right to read it; ${
      reaches === 'secrets'
        ? 'or use a namespace without Secrets.'
        : 'or, where whoever starts jobs may reach that far, give the namespace the label ephemera.dev/unguarded=true.'
    }`,
});

export const PrJobNameInUse = defineError<{ jobName: string; namespace: string }>({
  code: 'pr_job.name_in_use',
  retryable: false,
  message: ({ jobName, namespace }) => `The Job ${jobName} in namespace ${namespace} was made by another request.`,
  hint: 'Use another idempotency key, or ask without a job name.',
});

/** The Job is there, and with it the name: nothing of it may be given away. The same request again finishes it. */
export const PrJobUnfinished = defineError<{ jobName: string; namespace: string; because: string }>({
  code: 'pr_job.unfinished',
  retryable: true,
  message: ({ jobName, namespace, because }) =>
    `The Job ${jobName} in namespace ${namespace} was made, and what belongs to it could not be finished: ${because}`,
  hint: 'Ask again with the same idempotency key, which finishes it, or clean the job up.',
});

/** `left`: each as `kind/namespace/name`, and why it is still there. */
export const PrJobCleanupIncomplete = defineError<{
  name: string;
  namespace: string;
  left: readonly { readonly object: string; readonly because: string }[];
}>({
  code: 'pr_job.cleanup_incomplete',
  retryable: true,
  message: ({ name, namespace, left }) =>
    `Not everything of ${name} in namespace ${namespace} could be removed:\n${left.map(({ object, because }) => `- ${object}: ${because}`).join('\n')}`,
  hint: 'Call cleanup again: it goes on where it stopped.',
});

function lineOf({ path, problem, fix }: OrderProblem): string {
  return `- ${path} ${problem}. ${fix}`;
}
