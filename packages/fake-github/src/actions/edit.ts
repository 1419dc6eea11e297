import { labelsNamed } from './labels.ts';
import type { Pull, World } from '../state.ts';
import type { EditInput } from '../control/input.ts';
import type { PullEvent } from './event.ts';

/** Changes what is given. One event for the texts and the base, one for the draft state, one per label, as on GitHub. */
export function edit(world: World, pull: Pull, input: EditInput): PullEvent[] {
  const events = [...editTexts(pull, input), ...editDraft(pull, input), ...editLabels(world, pull, input)];
  if (events.length > 0) pull.updatedAt = world.now();
  return events;
}

function editTexts(pull: Pull, input: EditInput): PullEvent[] {
  const changes: Record<string, unknown> = {};
  if (input.title !== undefined && input.title !== pull.title) {
    changes['title'] = { from: pull.title };
    pull.title = input.title;
  }
  if (input.body !== undefined && input.body !== pull.body) {
    changes['body'] = { from: pull.body ?? '' };
    pull.body = input.body;
  }
  if (input.base !== undefined && input.base !== pull.base.ref) {
    changes['base'] = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
    const { branches } = pull.repository;
    const sha = branches.get(input.base) ?? branches.get(pull.repository.defaultBranch) ?? pull.base.sha;
    branches.set(input.base, sha);
    pull.base = { ref: input.base, sha };
  }
  return Object.keys(changes).length === 0 ? [] : [{ event: 'pull_request', pull, action: 'edited', changes }];
}

function editDraft(pull: Pull, input: EditInput): PullEvent[] {
  if (input.draft === undefined || input.draft === pull.draft) return [];
  pull.draft = input.draft;
  return [{ event: 'pull_request', pull, action: input.draft ? 'converted_to_draft' : 'ready_for_review' }];
}

function editLabels(world: World, pull: Pull, input: EditInput): PullEvent[] {
  if (input.labels === undefined) return [];
  const before = pull.labels;
  pull.labels = labelsNamed(world, pull.repository, input.labels);
  const removed = before.filter((label) => !pull.labels.includes(label));
  const added = pull.labels.filter((label) => !before.includes(label));
  return [
    ...removed.map((label) => ({ event: 'pull_request' as const, pull, action: 'unlabeled' as const, label })),
    ...added.map((label) => ({ event: 'pull_request' as const, pull, action: 'labeled' as const, label })),
  ];
}
