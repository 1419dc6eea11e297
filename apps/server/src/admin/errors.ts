import { defineError } from '@ephemera/model';

export const UpgradePending = defineError<object>({
  code: 'database.upgrade_pending',
  retryable: false,
  message: () => 'This Ephemera is newer than the schema of the database, which a server is using.',
  hint: 'Nothing was changed. Use the Ephemera that the server runs, or stop the server and start this version of it first.',
});
