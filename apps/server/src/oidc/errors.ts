import { defineError } from '@ephemera/model';

/**
 * What can be wrong with a token of GitHub Actions. Nothing of a token is repeated in these texts but the names and ids of the repository
 * that it is for, once its signature was checked.
 */

const askAgain = 'GitHub’s tokens are good for five minutes: ask for a new one right before the request.';

export const OidcNotEnabled = defineError<object>({
  code: 'oidc.not_enabled',
  retryable: false,
  message: () => 'This server takes no tokens of GitHub Actions.',
  hint: 'Set OIDC_AUDIENCE, best to the URL of this server, or send a token that begins with eph_.',
});

export const OidcMalformed = defineError<{ problem: string }>({
  code: 'oidc.malformed',
  retryable: false,
  message: ({ problem }) => `The token cannot be read: ${problem}.`,
  hint: 'Send what GitHub answers as `value`, as it is, as `Authorization: Bearer TOKEN`.',
});

export const OidcAlgorithm = defineError<{ algorithm: string }>({
  code: 'oidc.algorithm',
  retryable: false,
  message: ({ algorithm }) => `Tokens that are signed with ${algorithm} are not taken.`,
  hint: 'RS256 and ES256 are; GitHub signs with RS256.',
});

export const OidcIssuer = defineError<{ issuer: string }>({
  code: 'oidc.issuer',
  retryable: false,
  message: ({ issuer }) => `The token is not of the issuer ${issuer}.`,
  hint: 'OIDC_ISSUER says whose tokens this server takes.',
});

export const OidcAudience = defineError<{ audience: string }>({
  code: 'oidc.audience',
  retryable: false,
  message: ({ audience }) => `The token is not for the audience ${audience}, or not for it alone.`,
  hint: ({ audience }) => `Ask GitHub for a token with audience=${audience}; OIDC_AUDIENCE of the server sets it.`,
});

export const OidcKeyUnknown = defineError<object>({
  code: 'oidc.key_unknown',
  retryable: false,
  message: () => 'The issuer has not published the key that the token says it is signed with.',
  hint: 'Is OIDC_ISSUER the one that made the token? A key that is seconds old is known half a minute later.',
});

export const OidcKeysUnavailable = defineError<{ issuer: string; problem: string }>({
  code: 'oidc.keys_unavailable',
  retryable: true,
  message: ({ issuer, problem }) => `The keys of ${issuer} cannot be had: ${problem}.`,
  hint: 'Nothing was changed. Try again; if it stays, the server cannot reach OIDC_ISSUER.',
});

export const OidcSignature = defineError<object>({
  code: 'oidc.signature',
  retryable: false,
  message: () => 'The signature of the token is not right.',
  hint: askAgain,
});

export const OidcExpired = defineError<object>({
  code: 'oidc.expired',
  retryable: false,
  message: () => 'The token has expired.',
  hint: askAgain,
});

export const OidcNotYetValid = defineError<object>({
  code: 'oidc.not_yet_valid',
  retryable: false,
  message: () => 'The token is of the future.',
  hint: 'The clock of this server is probably slow by more than a minute.',
});

export const OidcTooOld = defineError<{ minutes: number }>({
  code: 'oidc.too_old',
  retryable: false,
  message: ({ minutes }) => `The token was made more than ${minutes} minutes ago, whatever it says of its end.`,
  hint: askAgain,
});

export const OidcClaimMissing = defineError<{ claim: string }>({
  code: 'oidc.claim_missing',
  retryable: false,
  message: ({ claim }) => `The token says no ${claim} as GitHub’s do.`,
  hint: 'Only tokens of GitHub Actions are taken.',
});

export const OidcReplayed = defineError<object>({
  code: 'oidc.replayed',
  retryable: false,
  message: () => 'The token has been used for another request.',
  hint: 'One token is good for one create or cleanup, also for one that was refused; reading, and sending the very same request again, are free. Ask GitHub for another token.',
});

export const OidcRepositoryNotAllowed = defineError<{
  repository: string;
  repositoryId: number;
  ownerId: number;
  because: string;
}>({
  code: 'oidc.repository_not_allowed',
  retryable: false,
  message: ({ repository, repositoryId, ownerId, because }) =>
    `Workflows of ${repository} (repository ${repositoryId}, owner ${ownerId}) may not use this server: ${because}.`,
  hint: ({ repositoryId, ownerId }) =>
    `Install the server’s GitHub App on it, or add ${repositoryId} to OIDC_REPOSITORY_IDS or ${ownerId} to OIDC_OWNER_IDS.`,
});

export const OidcGitHubBusy = defineError<{ repository: string; retryAfterSeconds: number }>({
  code: 'oidc.github_busy',
  retryable: true,
  message: ({ repository, retryAfterSeconds }) =>
    `Whether the App is installed on ${repository} is not asked of GitHub now: too many ask. Try again in ${retryAfterSeconds} seconds.`,
  hint: 'Nothing was changed. Repositories that webhooks have told of, or that OIDC_REPOSITORY_IDS or OIDC_OWNER_IDS list, wait for nobody.',
});

export const OidcGitHubUnavailable = defineError<{ repository: string }>({
  code: 'oidc.github_unavailable',
  retryable: true,
  message: ({ repository }) => `Whether the App is installed on ${repository} cannot be asked of GitHub now.`,
  hint: 'Nothing was changed. Try again; the log of the server says what GitHub answered.',
});
