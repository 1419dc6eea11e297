import type { Problem } from '@ephemera/sandbox';
import { defineError } from '@ephemera/model';

export const SandboxesOff = defineError<object>({
  code: 'sandbox.not_enabled',
  retryable: false,
  message: () => 'This server makes no sandboxes.',
  hint: 'Its setting SANDBOXES_NAMESPACE is none: its operator names a namespace there.',
});

export const NotAllowed = defineError<{ problems: readonly Problem[] }>({
  code: 'sandbox.not_allowed',
  retryable: false,
  message: ({ problems }) =>
    `This server allows no such sandbox: ${problems.map(({ path, problem }) => `${path} ${problem}`).join('; ')}.`,
  hint: ({ problems }) => `Instead: ${problems.map(({ path, fix }) => `${path}: ${fix}`).join('; ')}.`,
});

export const TooMany = defineError<{ whose: string; most: number }>({
  code: 'sandbox.too_many',
  retryable: true,
  message: ({ whose, most }) => `${whose} ${most} sandboxes already, which is the most.`,
  hint: 'End some, or wait until some have ended. SANDBOXES_PER_TOKEN and SANDBOXES_IN_ALL of the server say how many there may be.',
});

export const TooOften = defineError<{ what: string; retryAfterSeconds: number }>({
  code: 'sandbox.too_many_requests',
  retryable: true,
  message: ({ what, retryAfterSeconds }) => `${what}. Ask again in ${retryAfterSeconds} seconds.`,
  hint: 'Wait that long. SANDBOXES_PER_MINUTE of the server says how often one caller may ask.',
});

export const NoAnswer = defineError<{ seconds: number }>({
  code: 'sandbox.no_answer',
  retryable: true,
  message: ({ seconds }) =>
    `The sandbox did not answer within ${seconds} seconds. What was asked for may have been done.`,
  hint: 'Its node or the way to it may be slow: look at what is there, and ask again.',
});

export const StdinUnread = defineError<{ id: string; seconds: number }>({
  code: 'sandbox.stdin_unread',
  retryable: false,
  message: ({ id, seconds }) =>
    `Command ${id} did not read its standard input for ${seconds} seconds. A part of what was sent may have been taken.`,
  hint: 'Send it again with an offset, or in smaller parts as the command reads, or put it into a file of the sandbox.',
});

export const KeyReused = defineError<object>({
  code: 'sandbox.key_reused',
  retryable: false,
  message: () => 'This Idempotency-Key was sent before with another request.',
  hint: 'A key stands for one request, for 24 hours: send the same request again, or take a new key.',
});

export const BeingMade = defineError<{ id: string; retryAfterSeconds: number }>({
  code: 'sandbox.being_made',
  retryable: true,
  message: ({ id }) => `Sandbox ${id} is still being made.`,
  hint: 'Ask again in a moment.',
});

export const Stopping = defineError<object>({
  code: 'sandbox.server_stopping',
  retryable: true,
  message: () => 'The server is being stopped. What runs in the sandbox goes on.',
  hint: 'Ask again: the logs of a command go on where they were read last.',
});

export const TokenOver = defineError<{ problem: string }>({
  code: 'sandbox.token_over',
  retryable: false,
  message: ({ problem }) => `The token is no longer good: ${problem}`,
  hint: 'A sandbox belongs to the token that made it: make another token, and a new sandbox with it.',
});

export const UpgradeRequired = defineError<object>({
  code: 'sandbox.upgrade_required',
  retryable: false,
  message: () => 'This address speaks WebSocket only.',
  hint: 'It is for the client of this project: Sandbox.connect(id, { on: serverHost({ url, token }) }).',
});

export const FileTooLarge = defineError<{ most: number }>({
  code: 'sandbox.file_too_large',
  retryable: false,
  message: ({ most }) => `The file is larger than ${most} bytes, and was not kept.`,
  hint: 'Send it in parts, or let a command in the sandbox fetch it.',
});
