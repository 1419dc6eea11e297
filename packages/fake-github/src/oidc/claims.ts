import { randomUUID } from 'node:crypto';
import type { Json } from '../openapi/description.ts';
import type { Repository, User } from '../state.ts';

/** A run of a workflow, as far as its tokens tell of it. */
export interface WorkflowRun {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  readonly event: string;
  readonly actor: User;
  /** For example `refs/heads/main`. */
  readonly ref: string;
  /** What asks for its tokens. */
  readonly requestToken: string;
  /** Of each token. May be negative, for tokens that have ended before they come. */
  readonly lifetimeSeconds: number;
  /** In place of the usual ones; null leaves one out. */
  readonly claims: Json;
}

export interface TokenFor {
  readonly issuer: string;
  /** Undefined: GitHub's own default, the page of the repository's owner. */
  readonly audience: string | undefined;
  readonly now: Date;
}

/** GitHub's tokens were good for ten minutes before they were made. */
const notBeforeSeconds = 600;

/** What GitHub signs, with the names of the moment: https://docs.github.com/en/actions/reference/security/oidc */
export function claimsOf(run: WorkflowRun, { issuer, audience, now }: TokenFor): Json {
  const { repository, actor, event, ref } = run;
  const { owner, fullName } = repository;
  const iat = Math.floor(now.getTime() / 1000);
  const sha = repository.branches.get(repository.defaultBranch) ?? '';
  const workflow = `${fullName}/.github/workflows/ci.yml@${ref}`;
  const usual: Json = {
    jti: randomUUID(),
    sub: event.startsWith('pull_request') ? `repo:${fullName}:pull_request` : `repo:${fullName}:ref:${ref}`,
    aud: audience ?? `https://github.com/${owner.login}`,
    ref,
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: 'false',
    sha,
    repository: fullName,
    repository_id: String(repository.id),
    repository_owner: owner.login,
    repository_owner_id: String(owner.id),
    repository_visibility: repository.private ? 'private' : 'public',
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: '1',
    runner_environment: 'github-hosted',
    actor: actor.login,
    actor_id: String(actor.id),
    workflow: 'CI',
    workflow_ref: workflow,
    workflow_sha: sha,
    job_workflow_ref: workflow,
    job_workflow_sha: sha,
    head_ref: '',
    base_ref: '',
    event_name: event,
    iss: issuer,
    nbf: iat - notBeforeSeconds,
    exp: iat + run.lifetimeSeconds,
    iat,
  };
  return Object.fromEntries(Object.entries({ ...usual, ...run.claims }).filter(([, value]) => value !== null));
}
