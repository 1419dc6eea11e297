import { EphemeraError } from '@ephemera/model';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** The one error shape of every answer. */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly hint?: string | undefined;
  readonly retryable: boolean;
  readonly details?: unknown;
}

/** Which HTTP status each error code has; what is missing here is a fault of ours: 500. */
const statusByCode: Readonly<Record<string, number>> = {
  not_configured: 503,
  'database.unavailable': 503,
  'webhook.signature_invalid': 401,
  'webhook.header_missing': 400,
  'webhook.payload_invalid': 422,
  'environment.not_found': 404,
  'host.unknown': 404,
  'request.invalid': 400,
};

/** What Fastify refuses before any handler of ours runs. */
const byHttpStatus: Readonly<Record<number, { code: string; error: string; hint?: string }>> = {
  400: { code: 'request.invalid', error: 'The request cannot be read.' },
  413: { code: 'request.too_large', error: 'The body is larger than 5 MB.', hint: 'Nothing of ours needs more.' },
  414: { code: 'request.too_long', error: 'The address is longer than any of ours.' },
  415: {
    code: 'request.media_type',
    error: 'The body has to be application/json.',
    hint: 'Set the content type of the webhook to application/json.',
  },
};

/** PostgreSQL's and the socket's own words for "not now": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const databaseTrouble = /^(08|25006|28|3D|53|57|58|XX)|^E(CONN|HOST|PIPE|TIMEDOUT|AI_)/;
/** Whatever goes wrong here, ENOENT of a Unix socket included: no connection was made. */
const connecting: ReadonlySet<string | undefined> = new Set(['connect', 'getaddrinfo']);

export function errorAnswer(error: unknown): { status: number; body: ErrorBody } {
  if (error instanceof EphemeraError) {
    const { message, code, hint, retryable, details } = error;
    return {
      status: statusByCode[code] ?? 500,
      body: { error: message, code, hint, retryable, ...(Object.keys(details).length === 0 ? {} : { details }) },
    };
  }
  if (isDatabaseTrouble(error)) {
    return {
      status: 503,
      body: {
        error: 'The database does not answer.',
        code: 'database.unavailable',
        hint: 'Nothing was recorded; send it again.',
        retryable: true,
      },
    };
  }
  const status = (error as Partial<FastifyError> | null | undefined)?.statusCode ?? 500;
  const refused = byHttpStatus[status];
  if (refused) return { status, body: { ...refused, retryable: false } };
  // Whatever this is, its text may hold anything: it goes to the log, not to the caller.
  return {
    status: 500,
    body: {
      error: 'Something went wrong here.',
      code: 'internal',
      hint: 'The log of the server says what.',
      retryable: true,
    },
  };
}

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = errorAnswer(error);
  // What was foreseen explains itself in the answer; a stack for each would let anybody fill the log.
  if (status >= 500 && !(error instanceof EphemeraError)) request.log.error({ err: error }, 'request failed');
  void reply.code(status).send(body);
}

function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return (
    connecting.has(syscall) ||
    (code !== undefined && databaseTrouble.test(code)) ||
    /connection terminated|timeout exceeded when trying to connect|connection ended|not queryable/i.test(error.message)
  );
}
