import { stateOf } from '../actions/installation.ts';
import { installationOf } from '../installations.ts';
import { userNamed } from '../world.ts';
import { checkRunResource } from '../resources/check-run.ts';
import type { Deliveries, Delivery } from '../deliveries.ts';
import type { Json } from '../openapi/description.ts';
import type { Pull, Repository, World } from '../state.ts';

/** A pull request as its author sees it on GitHub, and what the fake told about it to the webhook's receiver. */
export interface PullView {
  readonly state: 'open' | 'closed';
  readonly head: { readonly sha: string; readonly ref: string };
  readonly comments: readonly { readonly id: number; readonly user: string; readonly body: string }[];
  /** Of every head that it has had, oldest first. */
  readonly statuses: readonly StatusView[];
  readonly checks: readonly CheckView[];
  readonly deliveries: readonly Delivery[];
}

export interface StatusView {
  readonly sha: string;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | null;
  readonly target_url: string | null;
}

export interface CheckView {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly details_url: string;
  readonly title: string | null;
  readonly summary: string | null;
  readonly text: string | null;
}

export interface RepositoryView {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly full_name: string;
  readonly private: boolean;
  readonly default_branch: string;
  readonly head: { readonly sha: string };
  readonly pulls: readonly { readonly number: number; readonly state: 'open' | 'closed' }[];
}

/** Where the App is installed, was suspended, or removed. */
export interface InstallationView {
  /** Null once it is removed: the next one has another. */
  readonly id: number | null;
  readonly account: string;
  readonly state: 'active' | 'suspended' | 'removed';
  readonly permissions: Readonly<Record<string, string>>;
}

export function installationView(world: World, login: string): InstallationView {
  const account = userNamed(world, login);
  const installation = installationOf(world, account);
  return {
    id: installation?.id ?? null,
    account: account.login,
    state: stateOf(installation),
    permissions: installation?.permissions ?? {},
  };
}

export function pullView(world: World, pull: Pull, deliveries: Deliveries): PullView {
  const { repository, heads } = pull;
  return {
    state: pull.state,
    head: { sha: pull.head.sha, ref: pull.head.ref },
    comments: [...repository.comments.values()]
      .filter(({ issue }) => issue === pull.number)
      .map(({ id, author, body }) => ({ id, user: author.login, body })),
    statuses: repository.statuses
      .filter(({ sha }) => heads.includes(sha))
      .map(({ sha, context, state, description, targetUrl }) => ({
        sha,
        context,
        state,
        description,
        target_url: targetUrl,
      })),
    checks: [...repository.checkRuns.values()]
      .filter(({ sha }) => heads.includes(sha))
      .map((run) => checkView(checkRunResource(world, repository, run))),
    deliveries: deliveries.list(subjectOf(pull)),
  };
}

export function repositoryView(repository: Repository): RepositoryView {
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    default_branch: repository.defaultBranch,
    head: { sha: repository.branches.get(repository.defaultBranch) ?? '' },
    pulls: [...repository.pulls.values()].map(({ number, state }) => ({ number, state })),
  };
}

/** What deliveries about a pull request are listed by. */
export const subjectOf = (pull: Pull): string => String(pull.id);

function checkView(run: Json): CheckView {
  const { title, summary, text } = run['output'] as Json;
  const { id, head_sha: sha, name, status, conclusion, details_url } = run;
  return { id, sha, name, status, conclusion, details_url, title, summary, text } as CheckView;
}
