import { z } from 'zod';
import { checked } from './answer.ts';
import type { RepositoryCall } from './client.ts';
import { GitHubIncomplete } from './errors.ts';
import { hasNext, mostPages, pageSize } from './pages.ts';
import { isNotFound } from './request.ts';
import type { StickyComment } from './types.ts';

const written = z.object({ id: z.int() });
const listed = z.array(
  z.object({
    id: z.int(),
    body: z.string().nullish(),
    performed_via_github_app: z.object({ id: z.int() }).nullish(),
  }),
);

/** Writes the App's one comment on a pull request. Returns its id. */
export async function writeComment(call: RepositoryCall, appId: number, comment: StickyComment): Promise<number> {
  const { number, id, marker, body, unchanged = false } = comment;
  const known = id === undefined ? undefined : await (unchanged ? look(call, id) : edit(call, id, body));
  if (known !== undefined) return known;
  const found = await find(call, appId, { number, marker });
  const edited = found === undefined ? undefined : await edit(call, found, body);
  if (edited !== undefined) return edited;
  const { data } = await call.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...call.parameters,
    issue_number: number,
    body,
  });
  return checked(call.what, written, data).id;
}

const look = ({ what, request, parameters }: RepositoryCall, id: number) =>
  unlessDeleted(async () => {
    const { data } = await request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...parameters,
      comment_id: id,
    });
    return checked(what, written, data).id;
  });

const edit = ({ what, request, parameters }: RepositoryCall, id: number, body: string) =>
  unlessDeleted(async () => {
    const { data } = await request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...parameters,
      comment_id: id,
      body,
    });
    return checked(what, written, data).id;
  });

/** A person deleted it: another one is looked for, or it is written anew. */
async function unlessDeleted(run: () => Promise<number>): Promise<number | undefined> {
  try {
    return await run();
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** A crash between GitHub's yes and our own record leaves a comment whose id nobody knows; its marker and author do. */
async function find(
  { what, request, parameters }: RepositoryCall,
  appId: number,
  { number, marker }: Pick<StickyComment, 'number' | 'marker'>,
): Promise<number | undefined> {
  for (let page = 1; page <= mostPages; page += 1) {
    const { data, headers } = await request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...parameters,
      issue_number: number,
      per_page: pageSize,
      page,
    });
    const comments = checked(what, listed, data);
    const ours = comments.find(
      ({ body, performed_via_github_app: app }) => app?.id === appId && body?.includes(marker),
    );
    if (ours) return ours.id;
    if (!hasNext(headers, comments.length)) return undefined;
  }
  throw new GitHubIncomplete({ what, reason: `the list has more than ${mostPages} pages` });
}
