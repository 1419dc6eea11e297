import { EphemeraError } from '@ephemera/model';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorAnswer, type ErrorBody } from '../http-errors.ts';
import { withoutSecrets } from '../logging/secrets.ts';
import { challenge } from '../tokens/authorize.ts';

/** The shape that the documented calls have for an error: `{ error }`, with `details` as a text where a cluster or a rule refuses. */
export const prJobProblem = z
  .object({
    error: z.string().describe('A sentence for people.'),
    code: z.string().describe('For programs, and stable. All codes: docs/reference/errors.md.'),
    hint: z.string().optional().describe('What to do about it.'),
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
    details: z.string().optional().describe('More about it, for people; with 403, 404, 409, 500 and 503.'),
  })
  .meta({ id: 'PrJobProblem', description: 'What went wrong with a pull-request job.' });

const detailed: ReadonlySet<number> = new Set([403, 404, 409, 500, 503]);
const longestText = 2_000;
const notJson: ReadonlySet<string> = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY']);

/** An error as these routes tell it. Pure. */
export function prJobErrorAnswer(error: unknown): {
  readonly status: number;
  readonly body: z.infer<typeof prJobProblem>;
  readonly retryAfterSeconds: number | undefined;
} {
  const { status, body } = errorAnswer(error);
  const { code, hint, retryable } = body;
  const isNotJson = notJson.has((error as Partial<FastifyError> | null | undefined)?.code ?? '');
  const sentence = isNotJson ? 'The body is no JSON.' : safe(body.error);
  return {
    status,
    body: {
      error: sentence,
      code,
      ...(hint === undefined ? {} : { hint }),
      retryable,
      // What is left behind stands in the sentence itself, so the way out is what remains to be said.
      ...(detailed.has(status) ? { details: hint ?? sentence } : {}),
    },
    retryAfterSeconds: retryAfter(body),
  };
}

function retryAfter({ details }: ErrorBody): number | undefined {
  const { retryAfterSeconds, retryAfterMs } = (details ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof retryAfterSeconds === 'number') return retryAfterSeconds;
  return typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : undefined;
}

/** What a cluster says may hold anything: no secrets, no end. */
export function safe(text: string): string {
  return withoutSecrets(text).slice(0, longestText);
}

export function answerPrJobError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body, retryAfterSeconds } = prJobErrorAnswer(error);
  if (status >= 500 && !(error instanceof EphemeraError)) request.log.error({ err: error }, 'request failed');
  // A scope that is missing, and a token that was used, come out only when the body is known.
  if (error instanceof EphemeraError) challenge(reply, error);
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  void reply.code(status).send(body);
}
