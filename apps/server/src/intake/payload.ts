import { z } from 'zod';
import { deepestNesting, isNestedDeeper } from './nesting.ts';

/** Letters, digits, `.`, `_` and `-`, as GitHub has them: these names become parts of a URL's path, where `..` would lead elsewhere. */
const fullName = /^(?!\.{1,2}\/)[\w.-]{1,100}\/(?!\.{1,2}$)[\w.-]{1,100}$/;
/** What the database's `integer` holds. */
const largestNumber = 2_147_483_647;

const id = z.int().positive();
const action = z.string().regex(/^\w{1,100}$/);
const repository = z.object({ id, full_name: z.string().regex(fullName) });
/** Only for taking turns: where it is missing or nonsense, the event counts all the same. */
const account = z.object({ id }).nullish().catch(undefined);

/** The few fields that say where to look. What is true there is read from GitHub. */
const pullRequestEvent = z.object({
  action,
  number: id.max(largestNumber),
  repository,
  installation: z.object({ id }).nullish(),
  pull_request: z.object({ user: account }).nullish().catch(undefined),
  sender: account,
});

const repositoryEvent = z.object({ action, repository, installation: z.object({ id }).nullish(), sender: account });

const installationEvent = z.object({ action, installation: z.object({ id }), sender: account });

/** The actions after which GitHub may say something else than before. */
const relevantActions = {
  pull_request: new Set([
    'opened',
    'reopened',
    'synchronize',
    'closed',
    'edited',
    'converted_to_draft',
    'ready_for_review',
    'labeled',
    'unlabeled',
  ]),
  repository: new Set(['renamed', 'transferred', 'deleted']),
  installation: new Set(['created', 'deleted', 'suspend', 'unsuspend', 'new_permissions_accepted']),
  installation_repositories: new Set(['added', 'removed']),
} as const;

type Event = keyof typeof relevantActions;

interface Hint {
  readonly action: string;
  readonly installationId: number;
  /** The account behind the event, for taking turns. */
  readonly author?: string | undefined;
}

export interface RepositoryHint extends Hint {
  readonly repositoryId: number;
  readonly repositoryFullName: string;
}

export interface PullRequestHint extends RepositoryHint {
  readonly prNumber: number;
}

/** What a signed delivery asks for. Pure. */
export type Reading =
  | { readonly kind: 'pull-request'; readonly hint: PullRequestHint }
  | { readonly kind: 'repository'; readonly hint: RepositoryHint }
  | { readonly kind: 'installation'; readonly hint: Hint }
  | { readonly kind: 'ping' }
  | { readonly kind: 'ignored'; readonly action?: string | undefined; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Reads a body whose signature was right. Whoever signs is GitHub, but its payloads change: nothing is taken for granted. */
export function readDelivery(event: string, body: Uint8Array): Reading {
  if (event === 'ping') return { kind: 'ping' };
  if (!isEvent(event)) return { kind: 'ignored', reason: `Ephemera has no use for the event ${event}` };
  if (isNestedDeeper(body, deepestNesting))
    return { kind: 'refused', reason: `the body is nested more than ${deepestNesting} deep` };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { kind: 'refused', reason: 'the body is not JSON' };
  }
  return irrelevant(event, readers[event](json));
}

function isEvent(event: string): event is Event {
  return Object.hasOwn(relevantActions, event);
}

const readers: Readonly<Record<Event, (json: unknown) => Reading>> = {
  pull_request: readPullRequest,
  repository: readRepository,
  installation: (json) => readInstallation('installation', json),
  installation_repositories: (json) => readInstallation('installation_repositories', json),
};

function readPullRequest(json: unknown): Reading {
  const parsed = pullRequestEvent.safeParse(json);
  if (!parsed.success) return misshapen('pull_request', parsed.error);
  const { data } = parsed;
  if (!data.installation) return withoutInstallation(data.action);
  const about = hintOf(data, data.installation.id, data.pull_request?.user ?? data.sender);
  return {
    kind: 'pull-request',
    hint: { ...about, prNumber: data.number, ...named(data.repository) },
  };
}

function readRepository(json: unknown): Reading {
  const parsed = repositoryEvent.safeParse(json);
  if (!parsed.success) return misshapen('repository', parsed.error);
  const { data } = parsed;
  if (!data.installation) return withoutInstallation(data.action);
  return {
    kind: 'repository',
    hint: { ...hintOf(data, data.installation.id, data.sender), ...named(data.repository) },
  };
}

function readInstallation(event: Event, json: unknown): Reading {
  const parsed = installationEvent.safeParse(json);
  if (!parsed.success) return misshapen(event, parsed.error);
  return { kind: 'installation', hint: hintOf(parsed.data, parsed.data.installation.id, parsed.data.sender) };
}

function hintOf(
  data: { readonly action: string },
  installationId: number,
  author: { readonly id: number } | null | undefined,
): Hint {
  return { action: data.action, installationId, ...(author ? { author: String(author.id) } : {}) };
}

function named(data: z.infer<typeof repository>): { repositoryId: number; repositoryFullName: string } {
  return { repositoryId: data.id, repositoryFullName: data.full_name };
}

function misshapen(event: Event, error: z.ZodError): Reading {
  const where = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
  return { kind: 'refused', reason: `the body is not a ${event} event: ${where}` };
}

function withoutInstallation(given: string): Reading {
  return {
    kind: 'ignored',
    action: given,
    reason: 'it names no installation: the webhook has to be the GitHub App’s own, not the repository’s',
  };
}

function irrelevant(event: Event, reading: Reading): Reading {
  if (!('hint' in reading) || (relevantActions[event] as ReadonlySet<string>).has(reading.hint.action)) return reading;
  const { action: given } = reading.hint;
  return { kind: 'ignored', action: given, reason: `the action ${given} changes nothing here` };
}
