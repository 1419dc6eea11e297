import { defineError } from '@ephemera/model';

export const ServerUnreachable = defineError<{ url: string; problem: string }>({
  code: 'sandbox.server_unreachable',
  retryable: true,
  message: ({ url, problem }) => `The server at ${url} cannot be reached: ${problem}.`,
  hint: 'Check the address, and that the server runs: npx ephemera doctor.',
});

export const ServerStrange = defineError<{ url: string; problem: string }>({
  code: 'sandbox.server_strange',
  retryable: false,
  message: ({ url, problem }) => `What answers at ${url} is no server of Ephemera, or of another version: ${problem}.`,
  hint: 'Give the address of the server itself, without a path.',
});
