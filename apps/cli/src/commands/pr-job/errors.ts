import { defineError } from '@ephemera/model';
import type { Way } from './which-way.ts';

const elsewhere = 'Is it in another namespace? Say which with --namespace. A job that has ended goes an hour later.';

/** `by`: who was asked. */
export const PrJobUnknown = defineError<{ name: string; namespace: string; by: Way['kind'] }>({
  code: 'cli.pr_job_unknown',
  retryable: false,
  message: ({ name, namespace }) => `No job of the name ${name} is known in ${namespace}.`,
  hint: ({ by }) =>
    by === 'cluster'
      ? elsewhere
      : `${elsewhere} A server knows only what was made by it: what was made without it is found with --context NAME.`,
});

export const PrJobMissing = defineError<{ jobName: string; namespace: string }>({
  code: 'cli.pr_job_missing',
  retryable: false,
  message: ({ jobName, namespace }) => `There is no pull-request job ${jobName} in namespace ${namespace}.`,
  hint: elsewhere,
});

/** `at`: when everything of its name was removed, as the server has recorded it. */
export const PrJobCleanedUp = defineError<{ jobName: string; namespace: string; at: string }>({
  code: 'cli.pr_job_cleaned_up',
  retryable: false,
  message: ({ jobName, namespace, at }) =>
    `There is no pull-request job ${jobName} in namespace ${namespace}: it was cleaned up at ${at}.`,
  hint: 'Make a new one with `npx ephemera pr-job create`.',
});

/** What a new job needs is there and was made another way. `reason`: which object, as server or cluster say it. */
export const PrJobTaken = defineError<{ reason: string; otherWay: string }>({
  code: 'cli.pr_job_taken',
  retryable: false,
  message: ({ reason }) => reason,
  hint: ({ otherWay }) =>
    `${otherWay} If no Ephemera made it, use another name: nothing is changed that it did not make.`,
});

export const PrJobKept = defineError<{ name: string; namespace: string; otherWay: string }>({
  code: 'cli.pr_job_kept',
  retryable: false,
  message: ({ name, namespace }) =>
    `Nothing was removed: what there is of ${name} in ${namespace} was made another way.`,
  hint: ({ otherWay }) => otherWay,
});

export const CleanupDeadline = defineError<{ name: string; timeoutMs: number; reason: string }>({
  code: 'cli.pr_job_cleanup_deadline',
  retryable: true,
  message: ({ name, timeoutMs, reason }) => `${name} is not removed within ${timeoutMs / 1000} s: ${reason}`,
  hint: 'What was begun goes on. Ask for it again: what is gone already is no error.',
});

export const ActionsTokenRefused = defineError<{ problem: string }>({
  code: 'cli.actions_token_unavailable',
  retryable: true,
  message: ({ problem }) => `GitHub Actions gives no token for this server: ${problem}.`,
  hint: 'The job of the workflow needs `permissions: id-token: write`; or set EPHEMERA_TOKEN.',
});
