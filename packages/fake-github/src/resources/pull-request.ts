import { example, recorded, retarget } from '../examples.ts';
import { without } from '../without.ts';
import { repositoryResource } from './repository.ts';
import { nodeId, userResource } from './user.ts';
import type { Json } from '../openapi/description.ts';
import type { Label, Pull, Repository, World } from '../state.ts';

/** Fields that only `GET …/pulls/N` and webhooks have; a listing goes without them. */
const single = [
  'additions',
  'changed_files',
  'comments',
  'commits',
  'deletions',
  'maintainer_can_modify',
  'mergeable',
  'mergeable_state',
  'merged',
  'merged_by',
  'rebaseable',
  'review_comments',
];

export function pullListItem(world: World, pull: Pull): Json {
  return without(pullResource(world, pull), single);
}

export function pullResource(world: World, pull: Pull): Json {
  const { repository, head, base } = pull;
  const comments = [...repository.comments.values()].filter(({ issue }) => issue === pull.number).length;
  return {
    ...addressed(world, pull),
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    draft: pull.draft,
    user: userResource(world, pull.author),
    author_association: pull.association,
    labels: pull.labels.map((label) => labelResource(world, repository, label)),
    created_at: pull.createdAt.toISOString(),
    updated_at: pull.updatedAt.toISOString(),
    closed_at: pull.closedAt?.toISOString() ?? null,
    merged_at: pull.merge?.at.toISOString() ?? null,
    merge_commit_sha: pull.merge?.sha ?? null,
    merged: pull.merge !== undefined,
    merged_by: pull.merge ? userResource(world, repository.owner) : null,
    mergeable: pull.state === 'open' ? true : null,
    mergeable_state: mergeableState(pull),
    assignee: null,
    assignees: [],
    auto_merge: null,
    milestone: null,
    requested_reviewers: [],
    requested_teams: [],
    comments,
    commits: pull.heads.length,
    head: branchResource(world, head.repository, head),
    base: branchResource(world, repository, base),
  };
}

export function labelResource(world: World, repository: Repository, label: Label): Json {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${world.origin()}/repos/${repository.fullName}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: 'ededed',
    default: false,
    description: null,
  };
}

/** The recording with its number and head turned to ours in all addresses. */
function addressed(world: World, pull: Pull): Json {
  const { owner, fullName } = pull.repository;
  const names = { origin: world.origin(), owner: owner.login, repository: fullName };
  const key = JSON.stringify(names);
  const template = templates.get(key) ?? JSON.stringify(retarget(blank(), names));
  templates.set(key, template);
  const ours = template.replaceAll(places.number, String(pull.number)).replaceAll(places.head, pull.head.sha);
  return JSON.parse(ours) as Json;
}

/** As text, by the repository's names: a pull request is shown thousands of times, and each differs by two values. */
const templates = new Map<string, string>();
/** No name or address has an @ of ours. */
const places = { number: '@number@', head: '@head@' };

function blank(): Json {
  const recording = example('pull_request', 'opened')['pull_request'] as Json & {
    number: number;
    head: { sha: string };
  };
  const number = new RegExp(`(${recorded.repository}/(?:pulls?|issues)/)${recording.number}(?![0-9])`, 'g');
  const text = JSON.stringify(without(recording, ['head', 'base']))
    .replace(number, `$1${places.number}`)
    .replaceAll(recording.head.sha, places.head);
  return JSON.parse(text) as Json;
}

function branchResource(world: World, repository: Repository, at: { ref: string; sha: string }): Json {
  return {
    label: `${repository.owner.login}:${at.ref}`,
    ref: at.ref,
    sha: at.sha,
    user: userResource(world, repository.owner),
    repo: repositoryResource(world, repository),
  };
}

function mergeableState(pull: Pull): string {
  if (pull.state === 'closed') return 'unknown';
  return pull.draft ? 'draft' : 'clean';
}
