import { EphemeraError } from '@ephemera/model';
import type { FileProblemKind } from '@ephemera/sandbox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswer, type ErrorBody } from '../http-errors.ts';
import { safe } from '../pr-jobs/problem.ts';

const statusOfFile: Readonly<Record<FileProblemKind, number>> = {
  missing: 404,
  outside: 403,
  folder: 409,
  no_folder: 409,
  no_file: 409,
  denied: 403,
  no_space: 507,
  too_big: 413,
  too_many: 413,
  loop: 409,
  exists: 409,
  changed: 409,
  no_text: 409,
  name: 400,
  io: 503,
  interrupted: 503,
};

/** Values of any size, and what programs in a sandbox wrote, stay out of answers. */
const longestDetails = 4_000;

/** An error as these routes tell it: one code for all that can be wrong with a file, and a status for each. Pure. */
export function sandboxProblem(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  const { status, body } = errorAnswer(error);
  const { kind } = (error instanceof EphemeraError ? error.details : {}) as { readonly kind?: FileProblemKind };
  const details = JSON.stringify(body.details ?? {}).length > longestDetails ? undefined : body.details;
  return {
    status: body.code === 'sandbox.file' && kind ? statusOfFile[kind] : status,
    body: {
      error: safe(body.error),
      code: body.code,
      ...(body.hint === undefined ? {} : { hint: safe(body.hint) }),
      retryable: body.retryable,
      ...(details === undefined ? {} : { details }),
    },
  };
}

export function answerSandboxError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = sandboxProblem(error);
  // Whoever left has broken it off itself, and hears nothing of this.
  if (status >= 500 && !(error instanceof EphemeraError) && !request.raw.destroyed)
    request.log.error({ err: error }, 'request failed');
  const { retryAfterSeconds } = (body.details ?? {}) as { readonly retryAfterSeconds?: unknown };
  if (typeof retryAfterSeconds === 'number') void reply.header('retry-after', retryAfterSeconds);
  void reply.code(status).send(body);
}
