import type { RepositoryCall, StickyComment } from './github.ts';

const pageSize = 100;

/** Writes the App's one comment on a pull request. */
export function commentTool(
  { request, parameters }: RepositoryCall,
  appId: number,
): { write: (comment: StickyComment) => Promise<number> } {
  async function edit(id: number, body: string): Promise<number | undefined> {
    try {
      await request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        ...parameters,
        comment_id: id,
        body,
      });
      return id;
    } catch (thrown) {
      // A person deleted it: look for another one, or write it anew.
      if (thrown instanceof Error && 'status' in thrown && (thrown.status === 404 || thrown.status === 410))
        return undefined;
      throw thrown;
    }
  }

  /** A crash between GitHub's yes and our own record leaves a comment whose id nobody knows; its marker and author do. */
  async function find(number: number, marker: string): Promise<number | undefined> {
    for (let page = 1; ; page += 1) {
      const { data } = await request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...parameters,
        issue_number: number,
        per_page: pageSize,
        page,
      });
      const ours = data.find(
        (comment) => comment.performed_via_github_app?.id === appId && comment.body?.includes(marker),
      );
      if (ours) return Number(ours.id);
      if (data.length < pageSize) return undefined;
    }
  }

  return {
    write: async ({ number, id, marker, body }) => {
      const known = id === undefined ? undefined : await edit(id, body);
      if (known !== undefined) return known;
      const found = await find(number, marker);
      const edited = found === undefined ? undefined : await edit(found, body);
      if (edited !== undefined) return edited;
      const { data } = await request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...parameters,
        issue_number: number,
        body,
      });
      return Number(data.id);
    },
  };
}
