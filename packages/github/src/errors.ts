import { defineError } from '@ephemera/model';

export const GitHubUnreachable = defineError<{ what: string; problem: string }>({
  code: 'github.unreachable',
  retryable: true,
  message: ({ what, problem }) => `GitHub did not answer while ${what}: ${problem}.`,
});

export const GitHubUnauthorized = defineError<{ what: string; reason: string }>({
  code: 'github.unauthorized',
  retryable: false,
  message: ({ what, reason }) => `GitHub does not accept the App's credentials while ${what}: ${reason}.`,
  hint: 'Check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_PATH, and that the App is still installed.',
});

export const GitHubForbidden = defineError<{ what: string; reason: string }>({
  code: 'github.forbidden',
  retryable: false,
  message: ({ what, reason }) => `GitHub refused ${what}: ${reason}.`,
});

/** `permission` is in GitHub's words, for example `statuses: write`; with alternatives, `issues: write or pull_requests: write`. */
export const GitHubPermissionMissing = defineError<{ what: string; permission: string }>({
  code: 'github.permission_missing',
  retryable: false,
  message: ({ what, permission }) => `GitHub refused ${what}: the App lacks the permission ${permission}.`,
  hint: ({ permission }) =>
    `Grant the App the permission ${permission} in its settings, and accept it on the installation.`,
});

export const GitHubSuspended = defineError<{ what: string }>({
  code: 'github.suspended',
  retryable: false,
  message: ({ what }) => `GitHub refused ${what}: the App's installation is suspended.`,
  hint: 'Whoever installed the App can end that in the settings of their account.',
});

export const GitHubNotFound = defineError<{ what: string }>({
  code: 'github.not_found',
  retryable: false,
  message: ({ what }) => `GitHub knows nothing of what was asked for while ${what}.`,
  hint: 'The repository may be renamed or removed, or the App is not installed there.',
});

export const GitHubRateLimited = defineError<{ what: string; retryAfterMs: number }>({
  code: 'github.rate_limited',
  retryable: true,
  message: ({ what, retryAfterMs }) => `GitHub's rate limit stops ${what} for ${Math.ceil(retryAfterMs / 1000)} s.`,
});

export const GitHubInvalid = defineError<{ what: string; reason: string }>({
  code: 'github.invalid',
  retryable: false,
  message: ({ what, reason }) => `GitHub does not take the request while ${what}: ${reason}.`,
});

export const GitHubIncomplete = defineError<{ what: string; reason: string }>({
  code: 'github.incomplete',
  retryable: true,
  message: ({ what, reason }) => `GitHub's answer is not complete while ${what}: ${reason}.`,
});

export const GitHubUnavailable = defineError<{ what: string; status: number }>({
  code: 'github.unavailable',
  retryable: true,
  message: ({ what, status }) => `GitHub answered ${status} while ${what}.`,
});

export const PrivateKeyInvalid = defineError<{ path: string; problem: string }>({
  code: 'github.private_key_invalid',
  retryable: false,
  message: ({ path, problem }) => `The App's private key ${path} cannot be used: ${problem}.`,
  hint: 'Download a new key from the settings of the GitHub App and point GITHUB_APP_PRIVATE_KEY_PATH at the .pem file.',
});
