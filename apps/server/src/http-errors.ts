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
  'oidc.not_enabled': 401,
  'oidc.malformed': 401,
  'oidc.algorithm': 401,
  'oidc.issuer': 401,
  'oidc.audience': 401,
  'oidc.key_unknown': 401,
  'oidc.signature': 401,
  'oidc.expired': 401,
  'oidc.not_yet_valid': 401,
  'oidc.too_old': 401,
  'oidc.claim_missing': 401,
  'oidc.replayed': 401,
  'oidc.repository_not_allowed': 403,
  'oidc.keys_unavailable': 503,
  'oidc.github_unavailable': 503,
  'oidc.github_busy': 503,
  'pr_job.invalid': 400,
  'pr_job.repository_unclear': 400,
  'pr_job.namespace_not_allowed': 403,
  'pr_job.image_not_allowed': 403,
  'pr_job.cluster_not_allowed': 403,
  'pr_job.profile_not_allowed': 403,
  'pr_job.repository_not_allowed': 403,
  'pr_job.repository_unknown': 403,
  'pr_job.foreign_secrets': 403,
  'pr_job.readable': 403,
  'pr_job.unguarded': 403,
  'pr_job.not_found': 404,
  'pr_job.name_not_found': 404,
  'pr_job.cluster_unknown': 404,
  'pr_job.namespace_missing': 404,
  'pr_job.name_in_use': 409,
  'pr_job.name_taken': 409,
  'pr_job.key_reused': 409,
  'pr_job.name_lost': 503,
  'pr_job.too_slow': 503,
  'pr_job.unfinished': 503,
  'pr_job.too_many_requests': 429,
  'sandbox.invalid': 400,
  'sandbox.not_allowed': 403,
  'sandbox.not_yours': 404,
  'sandbox.not_found': 404,
  'sandbox.command_unknown': 404,
  'sandbox.name_taken': 409,
  'sandbox.key_reused': 409,
  'sandbox.stdin_closed': 409,
  'sandbox.refused': 409,
  'sandbox.output_lost': 410,
  'sandbox.gone': 410,
  'sandbox.expired': 410,
  'sandbox.evicted': 410,
  'sandbox.out_of_memory': 410,
  'sandbox.restarted': 410,
  'sandbox.file_too_large': 413,
  'sandbox.start_failed': 422,
  'sandbox.isolation_missing': 422,
  'sandbox.command_not_started': 422,
  'sandbox.command_out_of_memory': 422,
  'sandbox.command_disk_full': 507,
  'sandbox.upgrade_required': 426,
  'sandbox.too_many': 429,
  'sandbox.too_many_requests': 429,
  'sandbox.not_enabled': 403,
  'sandbox.being_made': 503,
  'sandbox.start_timeout': 503,
  'sandbox.lost': 503,
  'sandbox.no_answer': 503,
  'sandbox.connection_broken': 503,
  'sandbox.handle_closed': 503,
  'sandbox.stdin_unread': 503,
  'sandbox.protocol': 503,
  'sandbox.runner_missing': 503,
  'sandbox.too_many_streams': 503,
  'sandbox.server_stopping': 503,
  'sandbox.token_over': 401,
  'kube.admission_denied': 403,
  'kube.forbidden': 403,
  'kube.quota_exceeded': 403,
  'kube.no_cluster': 404,
  'kube.not_found': 404,
  'kube.invalid': 400,
  'kube.already_exists': 409,
  'kube.foreign': 409,
  'kube.terminating': 409,
  'kube.gone': 410,
  'kube.conflict': 503,
  'kube.container_not_ready': 503,
  'kube.exec_failed': 503,
  'kube.too_many_streams': 503,
  'kube.credentials_unavailable': 503,
  'kube.deadline_exceeded': 503,
  'kube.throttled': 503,
  'kube.unauthenticated': 503,
  'kube.unavailable': 503,
  'kube.unreachable': 503,
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
