import { WrongState } from '../errors.ts';
import { commit } from './commit.ts';
import { moveToBranch } from './push.ts';
import type { Pull, World } from '../state.ts';
import type { CloseInput } from '../control/input.ts';
import type { PullEvent } from './event.ts';

export function close(world: World, pull: Pull, input: CloseInput): PullEvent[] {
  if (pull.state === 'closed') throw new WrongState({ number: pull.number, state: stateOf(pull), action: 'close' });
  const now = world.now();
  if (input.merge) {
    const files = Object.fromEntries(world.commits.get(pull.head.sha)?.files ?? []);
    const { branches } = pull.repository;
    const sha = commit(world, pull.repository, { branch: pull.base.ref, from: branches.get(pull.base.ref), files });
    pull.merge = { at: now, sha };
  }
  Object.assign(pull, { state: 'closed', closedAt: now, updatedAt: now });
  return [{ event: 'pull_request', pull, action: 'closed' }];
}

export function reopen(world: World, pull: Pull): PullEvent[] {
  if (pull.state === 'open' || pull.merge) {
    throw new WrongState({ number: pull.number, state: stateOf(pull), action: 'reopen' });
  }
  Object.assign(pull, { state: 'open', closedAt: undefined, updatedAt: world.now() });
  moveToBranch(world, pull);
  return [{ event: 'pull_request', pull, action: 'reopened' }];
}

const stateOf = (pull: Pull) => (pull.merge ? 'merged' : pull.state);
