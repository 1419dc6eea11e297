import type { FastifySchema } from 'fastify';
import { z, type ZodType } from 'zod';
import type { Access } from '../tokens/access.ts';
import { problem } from './answers/problem.ts';

/** What people and programs are told about a route, and what its requests are held against. */
export interface Operation<Params, Query, Body> {
  readonly id: string;
  readonly tag: 'environments' | 'sweeps' | 'pull-request jobs' | 'sandboxes' | 'server' | 'webhooks';
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly params?: Params;
  readonly query?: Query;
  readonly headers?: ZodType;
  readonly body?: Body;
  /** By status: what it means, and what it holds. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Refusals that are this route's own: what each means. Those that come with its access and its parameters are added. */
  readonly refusals?: Readonly<Record<number, string>>;
  /** What every refusal holds. Default: the one shape of most routes. */
  readonly problem?: ZodType;
}

interface Answer {
  readonly means: string;
  /** Default: nothing. */
  readonly holds?: ZodType;
  /** Default `application/json`. */
  readonly type?: string;
  /** Other content types that it comes in, when asked for. */
  readonly also?: readonly string[];
}

type RouteSchema<Params, Query, Body> = FastifySchema & { params: Params; querystring: Query; body: Body };

/** The options of a route that make it known: `app.get(url, operation({ … }), handler)`. */
export function operation<Params = undefined, Query = undefined, Body = undefined>(
  described: Operation<Params, Query, Body>,
): { config: { access: Access }; schema: RouteSchema<Params, Query, Body> } {
  const { id, tag, summary, description, access, params, query, headers, body, answers } = described;
  const refusals = { ...refusalsOf(described), ...described.refusals };
  const schema = {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(access),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    response: {
      ...mapped(answers, content),
      ...mapped(refusals, (means) => content({ means, holds: described.problem ?? problem })),
    },
  };
  // Absent and undefined are the same to Fastify's types, but not to its compilers.
  return { config: { access }, schema: schema as unknown as RouteSchema<Params, Query, Body> };
}

function mapped<From>(values: Readonly<Record<number, From>>, map: (value: From) => object): Record<string, object> {
  return Object.fromEntries(Object.entries(values).map(([status, value]) => [status, map(value)] as const));
}

function content({ means, holds, type = 'application/json', also = [] }: Answer): object {
  // The one schema that the description shows as an answer without a body.
  if (!holds) return z.null().describe(means);
  const types = [type, ...also].map((one) => [one, { schema: holds }] as const);
  return { description: means, content: Object.fromEntries(types) };
}

function securityOf(access: Access): Record<string, string[]>[] {
  return access.kind === 'open' ? [] : [{ token: access.kind === 'scope' ? [access.scope] : [] }];
}

function refusalsOf<P, Q, B>({ access, params, query, body }: Operation<P, Q, B>): Record<number, string> {
  return {
    ...(access.kind === 'open'
      ? {}
      : {
          400: 'The request cannot be understood.',
          401: 'The token is missing, unknown, expired or revoked.',
          500: 'A fault of the server’s; its log says more.',
          503: 'The database does not answer, or has no room. Whether something was changed is not known; repeating it does no harm.',
        }),
    ...(access.kind === 'scope' ? { 403: 'The token lacks the scope, or is too narrow.' } : {}),
    ...(params === undefined ? {} : { 414: 'The address is too long.' }),
    ...(query === undefined ? {} : { 400: 'The query cannot be understood.' }),
    ...(body === undefined
      ? {}
      : { 400: 'The body cannot be understood.', 413: 'The body is too large.', 415: 'The body is no JSON.' }),
  };
}

/** The number of a row in a path. What is no number is not found rather than refused, so only the description is strict. */
export const idParameter = z.string().meta({ type: 'integer', minimum: 1, maximum: 2_147_483_647 });
