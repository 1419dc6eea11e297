import { EphemeraError } from '@ephemera/model';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

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
  'database.disk_full': 503,
  'webhook.signature_invalid': 401,
  'webhook.header_missing': 400,
  'webhook.payload_invalid': 422,
  'request.too_large': 413,
  'request.too_slow': 408,
  'request.media_type': 415,
  'request.busy': 503,
  'environment.not_found': 404,
  'host.unknown': 404,
  'sweep.not_found': 404,
  'token.missing': 401,
  'token.unknown': 401,
  'token.expired': 401,
  'token.revoked': 401,
  'token.scope_missing': 403,
  'token.too_narrow': 403,
};

/** What Fastify refuses before any handler of ours runs. */
const byHttpStatus: Readonly<Record<number, { code: string; error: string; hint?: string }>> = {
  400: { code: 'request.invalid', error: 'The request cannot be read.' },
  413: { code: 'request.too_large', error: 'The body is too large.', hint: 'Nothing of ours needs more.' },
  414: { code: 'request.too_long', error: 'The address is longer than any of ours.' },
  415: {
    code: 'request.media_type',
    error: 'The body has to be application/json.',
    hint: 'Set the content type to application/json; for GitHub, in the settings of the webhook.',
  },
};

/** PostgreSQL's and the socket's own words for "not now": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const databaseTrouble = /^(08|25006|28|3D|40001|40P01|53|57|58|XX)|^E(CONN|HOST|PIPE|TIMEDOUT|AI_)/;
const diskFull = '53100';
/** The driver's own words, which have no code. */
const driverTrouble =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|connection ended|not queryable/i;
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
  if (isDatabaseTrouble(error)) return { status: 503, body: databaseAnswer(error) };
  if (hasZodFastifySchemaValidationErrors(error)) return misshapen(error);
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

/** A connection that is lost may have been lost during the COMMIT: what became of that, nobody knows. A full disk refuses for certain. */
function databaseAnswer(error: unknown): ErrorBody {
  if ((error as NodeJS.ErrnoException).code === diskFull) {
    return {
      error: 'The disk of the database is full.',
      code: 'database.disk_full',
      hint: 'Nothing was changed. Make room on that disk, then send it again.',
      retryable: true,
    };
  }
  return {
    error: 'The database does not answer.',
    code: 'database.unavailable',
    hint: 'Send it again: whether it was recorded is not known.',
    retryable: true,
  };
}

/** A name that nobody takes is repeated, and may be as long as an address. */
const longestProblem = 500;

/** Where a request differs from what its address takes. */
function misshapen({ validation, validationContext }: FastifyError): { status: number; body: ErrorBody } {
  const problems = (validation ?? []).map(
    ({ instancePath, message }) =>
      `${[validationContext, ...instancePath.split('/')].filter(Boolean).join('.')}: ${message ?? 'is wrong'}`,
  );
  return {
    status: 400,
    body: {
      error: `The request cannot be used: ${problems.join('; ').slice(0, longestProblem)}.`,
      code: 'request.invalid',
      hint: 'GET /api/openapi.json describes what each address takes.',
      retryable: false,
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
    connecting.has(syscall) || (code !== undefined && databaseTrouble.test(code)) || driverTrouble.test(error.message)
  );
}
