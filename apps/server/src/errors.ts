import { defineError } from '@ephemera/model';

export const DatabaseUnreachable = defineError<{ problem: string }>({
  code: 'database.unreachable',
  retryable: true,
  message: ({ problem }) => `The database cannot be used: ${problem}.`,
  hint: 'Check DATABASE_URL and that PostgreSQL runs, or leave DATABASE_URL out: Ephemera then starts one of its own.',
});

export const CannotListen = defineError<{ address: string; problem: string }>({
  code: 'server.cannot_listen',
  retryable: false,
  message: ({ address, problem }) => `The server cannot listen at ${address}: ${problem}.`,
  hint: 'Something else may use the port: set PORT to another one, or to 0 for a free one.',
});
