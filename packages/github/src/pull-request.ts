import { z } from 'zod';

/** PostgreSQL's text cannot hold a NUL; nothing that people write contains one. */
const text = z.string().transform((value) => value.replaceAll('\0', ''));

const repository = z.object({ id: z.int(), name: z.string(), full_name: z.string() });

/** The fields of GitHub's pull request that Ephemera reads; everything else is dropped at the door. */
export const pullRequestSchema = z.object({
  number: z.int(),
  state: z.enum(['open', 'closed']),
  title: text,
  draft: z.boolean().default(false),
  merged: z.boolean().default(false),
  html_url: z.string(),
  user: z
    .object({ id: z.int(), login: z.string(), avatar_url: z.string().optional(), type: z.string().optional() })
    .nullable(),
  head: z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/), ref: text, repo: z.object({ id: z.int() }).nullable() }),
  base: z.object({ ref: z.string(), repo: repository }),
});

export type PullRequest = z.infer<typeof pullRequestSchema>;

/**
 * Whether the head lives in another repository than the base. A fork that was deleted has no head repository at all:
 * that counts as a fork too, as nobody can vouch for it any more.
 */
export function isFork(pull: PullRequest): boolean {
  return pull.head.repo?.id !== pull.base.repo.id;
}
