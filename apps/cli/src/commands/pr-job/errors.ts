import { defineError } from '@ephemera/model';

export const PrJobUnknown = defineError<{ name: string; namespace: string }>({
  code: 'cli.pr_job_unknown',
  retryable: false,
  message: ({ name, namespace }) => `No job of the name ${name} is known in ${namespace}.`,
  hint: 'One that has ended goes an hour later. If you know the name of the Job, give it with --job.',
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
