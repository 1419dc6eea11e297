import { defineError } from '@ephemera/model';

export const SetupDeadline = defineError<{ minutes: number }>({
  code: 'setup.deadline',
  retryable: true,
  message: ({ minutes }) => `GitHub did not send anybody back within ${minutes} minutes.`,
  hint: 'Nothing was written. Begin again, open the address that is printed, and confirm on GitHub’s page.',
});

export const FileExists = defineError<{ path: string }>({
  code: 'setup.file_exists',
  retryable: false,
  message: ({ path }) => `${path} exists already.`,
  hint: 'Choose another name with --out, or add --force to replace it: what it holds now is then lost.',
});

export const FileNotWritable = defineError<{ path: string; problem: string }>({
  code: 'setup.file_not_writable',
  retryable: false,
  message: ({ path, problem }) => `${path} cannot be written: ${problem}.`,
  hint: 'Choose another place with --out.',
});

export const AppNotFetched = defineError<{ name: string; page: string; problem: string }>({
  code: 'setup.app_not_fetched',
  retryable: false,
  message: ({ name, problem }) =>
    `GitHub has made the App (${name}, unless you changed the name there), but its key and secret could not be fetched: ${problem}`,
  hint: ({ page }) => `GitHub tells them only once. Delete the App at ${page} and begin again.`,
});

export const AppNotKept = defineError<{ path: string; page: string; problem: string }>({
  code: 'setup.app_not_kept',
  retryable: false,
  message: ({ path, page, problem }) =>
    `The App was made (${page}), but its key and secret could not be written to ${path}: ${problem}.`,
  hint: 'GitHub tells them only once. Delete the App on its page and begin again.',
});
