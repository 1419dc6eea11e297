import { defineError } from '@ephemera/model';

export const NotConfigured = defineError<object>({
  code: 'not_configured',
  retryable: false,
  message: () => 'This server has no GitHub App.',
  hint: 'Set GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY_PATH and GITHUB_WEBHOOK_SECRET, then start it again.',
});

export const SignatureInvalid = defineError<object>({
  code: 'webhook.signature_invalid',
  retryable: false,
  message: () => 'The X-Hub-Signature-256 header is missing or does not fit the body.',
  hint: 'The secret of the GitHub App’s webhook and GITHUB_WEBHOOK_SECRET have to be the same.',
});

export const HeaderMissing = defineError<{ header: string; problem: string }>({
  code: 'webhook.header_missing',
  retryable: false,
  message: ({ header, problem }) => `The ${header} header ${problem}.`,
  hint: 'GitHub sends it with every delivery; a proxy in between may have dropped it.',
});

export const PayloadInvalid = defineError<{ reason: string }>({
  code: 'webhook.payload_invalid',
  retryable: false,
  message: ({ reason }) => `The delivery cannot be used: ${reason}.`,
});

export const DatabaseSilent = defineError<object>({
  code: 'database.unavailable',
  retryable: true,
  message: () => 'The database does not answer.',
  hint: 'Send it again: whether it was recorded is not known.',
});

export const BodyTooLarge = defineError<{ bytes: number }>({
  code: 'request.too_large',
  retryable: false,
  message: ({ bytes }) => `The body is larger than ${Math.round(bytes / 1024 / 1024)} MB.`,
  hint: 'No delivery that counts here is nearly as large.',
});

export const BodyTooSlow = defineError<{ seconds: number }>({
  code: 'request.too_slow',
  retryable: true,
  message: ({ seconds }) => `The body was not complete after ${seconds} seconds.`,
  hint: 'Something on the way is slow, or stopped in the middle; send it again.',
});

export const MediaType = defineError<{ problem: string }>({
  code: 'request.media_type',
  retryable: false,
  message: ({ problem }) => `The body has to be JSON as it is, but ${problem}.`,
  hint: 'Set the content type of the webhook to application/json, and let no proxy in between pack the body.',
});

export const Busy = defineError<object>({
  code: 'request.busy',
  retryable: true,
  message: () => 'Too much is being sent to this server at once.',
  hint: 'Send it again.',
});
