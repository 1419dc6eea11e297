import { defineError } from '@ephemera/model';

export const JobNotFound = defineError<{ name: string; namespace: string }>({
  code: 'cli.job_not_found',
  retryable: false,
  message: ({ name, namespace }) => `There is no job ${name} in ${namespace}.`,
  hint: 'See which there are: kubectl get jobs -A. One that has ended may have been removed by its ttlSecondsAfterFinished.',
});
