import { z } from 'zod';

/** Letters, digits, `.`, `_` and `-`, as GitHub has them: these names become parts of a URL's path, where `..` would lead elsewhere. */
const fullName = /^(?!\.{1,2}\/)[\w.-]{1,100}\/(?!\.{1,2}$)[\w.-]{1,100}$/;
/** What the database's `integer` holds. */
const largestNumber = 2_147_483_647;

/** The few fields of a pull_request event that say where to look. What is true of the pull request is read from GitHub. */
const pullRequestEvent = z.object({
  action: z.string().regex(/^\w{1,100}$/),
  number: z.int().positive().max(largestNumber),
  repository: z.object({ id: z.int().positive(), full_name: z.string().regex(fullName) }),
  installation: z.object({ id: z.int().positive() }).nullish(),
});

/** The actions after which the pull request may ask for something else. */
const relevantActions = new Set([
  'opened',
  'reopened',
  'synchronize',
  'closed',
  'edited',
  'converted_to_draft',
  'ready_for_review',
  'labeled',
  'unlabeled',
]);

export interface PullRequestHint {
  readonly action: string;
  readonly prNumber: number;
  readonly repositoryId: number;
  readonly repositoryFullName: string;
  readonly installationId: number;
}

/** What a signed delivery asks for. Pure. */
export type Reading =
  | { readonly kind: 'pull-request'; readonly hint: PullRequestHint }
  | { readonly kind: 'ping' }
  | { readonly kind: 'ignored'; readonly action?: string | undefined; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Reads a body whose signature was right. Whoever signs is GitHub, but its payloads change: nothing is taken for granted. */
export function readDelivery(event: string, body: Uint8Array): Reading {
  if (event === 'ping') return { kind: 'ping' };
  if (event !== 'pull_request') return { kind: 'ignored', reason: `Ephemera has no use for the event ${event}` };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { kind: 'refused', reason: 'the body is not JSON' };
  }
  const parsed = pullRequestEvent.safeParse(json);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
    return { kind: 'refused', reason: `the body is not a pull_request event: ${where}` };
  }
  const { action, number, repository, installation } = parsed.data;
  if (!installation)
    return {
      kind: 'ignored',
      action,
      reason: 'it names no installation: the webhook has to be the GitHub App’s own, not the repository’s',
    };
  if (!relevantActions.has(action))
    return { kind: 'ignored', action, reason: `the action ${action} changes nothing here` };
  return {
    kind: 'pull-request',
    hint: {
      action,
      prNumber: number,
      repositoryId: repository.id,
      repositoryFullName: repository.full_name,
      installationId: installation.id,
    },
  };
}
