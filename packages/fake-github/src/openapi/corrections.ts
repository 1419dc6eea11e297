import type { Json } from './description.ts';

type Response = { content: { 'application/json': { schema: Json } } };

/**
 * Where the description is wrong, and GitHub's answers are not: the listing of installations wants each account to be a user
 * *and* an enterprise (`allOf`), while a single installation wants one of the two.
 */
export function correct(paths: Json): void {
  const { get } = paths['/app/installations'] as { get: { responses: { 200: Response } } };
  get.responses[200].content['application/json'].schema['items'] = { $ref: '#/components/schemas/installation' };
}
