import { defineError } from '@ephemera/model';

export const BackupUnusable = defineError<{ path: string; problem: string }>({
  code: 'backup.unusable',
  retryable: false,
  message: ({ path, problem }) => `The backup ${path} cannot be restored: ${problem}.`,
  hint: 'Nothing was changed. Restore a file that `npx ephemera database backup` has written to its end.',
});

export const BackupNewer = defineError<{ path: string; migration: string }>({
  code: 'backup.newer',
  retryable: false,
  message: ({ path, migration }) => `The backup ${path} is of a newer Ephemera: this one does not know ${migration}.`,
  hint: 'Nothing was changed. Restore it with the version that wrote it, or a newer one.',
});

export const BackupNotWritten = defineError<{ path: string; problem: string }>({
  code: 'backup.not_written',
  retryable: false,
  message: ({ path, problem }) => `The backup ${path} was not written: ${problem}.`,
  hint: 'What stood under that name before is untouched. Check the folder and the free space of its disk.',
});

export const NothingToBackUp = defineError<object>({
  code: 'backup.nothing_there',
  retryable: false,
  message: () => 'The database holds nothing of Ephemera: no server has used it yet.',
  hint: 'Nothing was written. Check DATABASE_URL or DATA_DIR: they have to be those of the server.',
});

export const DatabaseInUse = defineError<object>({
  code: 'database.in_use',
  retryable: true,
  message: () => 'A server uses this database.',
  hint: 'Nothing was changed. Stop every server that uses it, restore, and start them again.',
});

export const DatabaseNotEmpty = defineError<{ table: string }>({
  code: 'database.not_empty',
  retryable: false,
  message: ({ table }) => `The database holds data already: there are rows in ${table}.`,
  hint: 'Nothing was changed. Add --replace to give up what it holds for what the backup holds.',
});

export const DatabaseBeingRestored = defineError<object>({
  code: 'database.being_restored',
  retryable: true,
  message: () => 'A backup is being restored into this database.',
  hint: 'Start the server when the restore has ended.',
});

export const DatabaseExchanged = defineError<{ found: string; expected: string }>({
  code: 'database.exchanged',
  retryable: false,
  message: ({ found, expected }) =>
    `The database is another one now: its instance is ${found}, and this server works for ${expected}.`,
  hint: 'A backup was restored, or the database was made anew, under a running server. Start the server again.',
});
