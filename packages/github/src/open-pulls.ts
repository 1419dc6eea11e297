import { z } from 'zod';
import { checked } from './answer.ts';
import type { RepositoryCall } from './client.ts';
import type { PageCache } from './page-cache.ts';
import { allPages, hasNext, pageSize, type Page } from './pages.ts';
import { pullRequestSchema } from './pull-request.ts';
import { isAnswer } from './request.ts';
import type { OpenPull } from './types.ts';

const list = z.array(
  z.object({
    number: pullRequestSchema.shape.number,
    title: pullRequestSchema.shape.title,
    draft: pullRequestSchema.shape.draft,
    head: z.object({ sha: pullRequestSchema.shape.head.shape.sha }),
    user: z.object({ id: z.int() }).nullable(),
  }),
);

/** Only what is needed of each page is kept, and the question is asked again with the answer's ETag: "unchanged" is free. */
export function openPulls(call: RepositoryCall, asker: number, cache: PageCache<OpenPull>): Promise<OpenPull[]> {
  const { what, request, parameters } = call;

  async function read(page: number): Promise<Page<OpenPull>> {
    const key = `${asker} ${parameters.owner}/${parameters.repo} ${page}`;
    const kept = cache.get(key);
    try {
      const { data, headers } = await request('GET /repos/{owner}/{repo}/pulls', {
        ...parameters,
        state: 'open',
        sort: 'created',
        direction: 'asc',
        per_page: pageSize,
        page,
        ...(kept ? { headers: { 'if-none-match': kept.etag } } : {}),
      });
      const items = checked<z.infer<typeof list>>(what, list, data).map(({ number, title, draft, head, user }) => ({
        number,
        headSha: head.sha,
        title,
        draft,
        authorId: user?.id ?? null,
      }));
      const read = { items, more: hasNext(headers, items.length) };
      if (headers.etag) cache.set(key, { ...read, etag: headers.etag });
      return read;
    } catch (thrown) {
      if (kept && isAnswer(thrown) && thrown.status === 304) return kept;
      throw thrown;
    }
  }

  return allPages(what, read);
}
