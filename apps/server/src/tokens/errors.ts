import { defineError } from '@ephemera/model';
import type { Scope } from './scope.ts';

const makeOne = '`npx ephemera token create --name NAME --scopes SCOPES` makes one, beside the server.';

export const TokenMissing = defineError<object>({
  code: 'token.missing',
  retryable: false,
  message: () => 'This address needs a token, sent as `Authorization: Bearer TOKEN`.',
  hint: makeOne,
});

export const TokenUnknown = defineError<object>({
  code: 'token.unknown',
  retryable: false,
  message: () => 'This server does not know the token.',
  hint: `It may be cut off, or of another server. ${makeOne}`,
});

export const TokenExpired = defineError<{ name: string }>({
  code: 'token.expired',
  retryable: false,
  message: ({ name }) => `The token ${name} has expired.`,
  hint: makeOne,
});

export const TokenRevoked = defineError<{ name: string }>({
  code: 'token.revoked',
  retryable: false,
  message: ({ name }) => `The token ${name} was revoked.`,
  hint: makeOne,
});

export const ScopeMissing = defineError<{ scope: Scope }>({
  code: 'token.scope_missing',
  retryable: false,
  message: ({ scope }) => `The token lacks the scope ${scope}.`,
  hint: ({ scope }) => `Make one that has it: npx ephemera token create --name NAME --scopes ${scope}`,
});

export const TokenTooNarrow = defineError<object>({
  code: 'token.too_narrow',
  retryable: false,
  message: () => 'The token is for some repositories or namespaces only, and this is about all of them.',
  hint: 'Use a token that was made without --repository and --namespace.',
});

export const TokenInvalid = defineError<{ problem: string; hint: string }>({
  code: 'token.invalid',
  retryable: false,
  message: ({ problem }) => `Such a token cannot be made: ${problem}.`,
  hint: ({ hint }) => hint,
});

export const TokenNameTaken = defineError<{ name: string }>({
  code: 'token.name_taken',
  retryable: false,
  message: ({ name }) => `There is a token named ${name} already.`,
  hint: ({ name }) => `Take another name, or revoke that one first: npx ephemera token revoke ${name}`,
});

export const TokenNotFound = defineError<{ name: string }>({
  code: 'token.not_found',
  retryable: false,
  message: ({ name }) => `There is no token named ${name} that could be revoked.`,
  hint: '`npx ephemera token list` shows which there are.',
});
