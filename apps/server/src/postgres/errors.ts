import { defineError } from '@ephemera/model';

const otherWay = 'Or set DATABASE_URL to a PostgreSQL of your own.';

export const NoBinaries = defineError<{ platform: string; problem: string }>({
  code: 'database.no_binaries',
  retryable: false,
  message: ({ platform, problem }) => `There is no embedded PostgreSQL for ${platform}: ${problem}.`,
  hint: `Install the dependencies again (npm ci). ${otherWay}`,
});

export const DataDirUnusable = defineError<{ path: string; problem: string }>({
  code: 'database.data_dir_unusable',
  retryable: false,
  message: ({ path, problem }) => `The data folder ${path} cannot be used: ${problem}.`,
  hint: `Point DATA_DIR at another folder. ${otherWay}`,
});

export const OtherMajorVersion = defineError<{ path: string; found: string; expected: string }>({
  code: 'database.other_major_version',
  retryable: false,
  message: ({ path, found, expected }) =>
    `The data in ${path} was written by PostgreSQL ${found}; this Ephemera brings ${expected}.`,
  hint: 'With the Ephemera that wrote it: npx ephemera database backup FILE. With this one, after moving that folder away: npx ephemera database restore FILE.',
});

export const DidNotStart = defineError<{ log: string; tail: string }>({
  code: 'database.did_not_start',
  retryable: false,
  message: ({ log, tail }) => `The embedded PostgreSQL did not start. The end of ${log}:\n${tail}`,
  hint: `The log says why; another DATA_DIR starts afresh. ${otherWay}`,
});

export const DiskFull = defineError<{ path: string }>({
  code: 'database.disk_full',
  retryable: true,
  message: ({ path }) => `The embedded PostgreSQL does not start, as the disk of ${path} is full.`,
  hint: `Make room on that disk, or move the folder to a larger one and point DATA_DIR at it. ${otherWay}`,
});
