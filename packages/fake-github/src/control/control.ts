import { close, reopen } from '../actions/close.ts';
import { createRepository } from '../actions/create-repository.ts';
import { edit } from '../actions/edit.ts';
import { openPull } from '../actions/open-pull.ts';
import { push } from '../actions/push.ts';
import { NoSuchDelivery, NoSuchPull, NoSuchRepository } from '../errors.ts';
import { payloadCheck } from '../openapi/checks.ts';
import { pingPayload, pullRequestPayload } from '../payloads.ts';
import { repositoryNamed } from '../world.ts';
import { closeInput, editInput, openInput, parseInput, pushInput, reopenInput, repositoryInput } from './input.ts';
import { type PullView, pullView, type RepositoryView, repositoryView, subjectOf } from './view.ts';
import type { PullEvent } from '../actions/event.ts';
import type { Deliveries, Delivery, Hook } from '../deliveries.ts';
import type { Json } from '../openapi/description.ts';
import type { Pull, Repository, World } from '../state.ts';

export interface PullSummary {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly head: { readonly sha: string };
}

export type PullAction = 'push' | 'close' | 'reopen' | 'edit';

/** What people do on GitHub, for the HTTP control API and the handles in the same process alike. Input is checked here. */
export interface Control {
  readonly createRepository: (input: unknown) => RepositoryView;
  readonly repositories: () => RepositoryView[];
  readonly open: (owner: string, name: string, input: unknown) => PullSummary;
  readonly act: (at: PullAddress, action: PullAction, input: unknown) => PullSummary;
  readonly view: (at: PullAddress) => PullView;
  readonly redeliver: (id: string) => Promise<Delivery>;
  readonly ping: () => Promise<Delivery>;
}

export interface PullAddress {
  readonly owner: string;
  readonly name: string;
  readonly number: number | string;
}

interface Parts {
  readonly world: World;
  readonly deliveries: Deliveries;
  readonly hook: Hook;
  readonly violated: (violation: string) => void;
}

export function createControl({ world, deliveries, hook, violated }: Parts): Control {
  const actions: Record<PullAction, (pull: Pull, input: unknown) => PullEvent[]> = {
    push: (pull, input) => push(world, pull, parseInput(pushInput, input)),
    close: (pull, input) => close(world, pull, parseInput(closeInput, input)),
    reopen: (pull, input) => {
      parseInput(reopenInput, input);
      return reopen(world, pull);
    },
    edit: (pull, input) => edit(world, pull, parseInput(editInput, input)),
  };

  function send(event: string, payload: Json, subject?: string): Promise<Delivery> {
    const action = typeof payload['action'] === 'string' ? payload['action'] : undefined;
    const problems = payloadCheck(event, action)?.(payload) ?? [];
    for (const { instancePath, message } of problems)
      violated(`webhook ${event} ${action}: ${instancePath} ${message}`);
    return deliveries.send(event, payload, subject === undefined ? {} : { subject });
  }

  function announce(events: readonly PullEvent[]): void {
    for (const event of events) void send('pull_request', pullRequestPayload(world, event), subjectOf(event.pull));
  }

  return {
    createRepository: (input) => repositoryView(createRepository(world, parseInput(repositoryInput, input))),
    repositories: () => [...world.repositories.values()].filter(({ parent }) => !parent).map(repositoryView),
    open: (owner, name, input) => {
      const repository = repositoryAt(world, owner, name);
      const { pull, events } = openPull(world, repository, parseInput(openInput, input));
      announce(events);
      return summary(pull);
    },
    act: (at, action, input) => {
      const pull = pullAt(world, at);
      announce(actions[action](pull, input));
      return summary(pull);
    },
    view: (at) => pullView(world, pullAt(world, at), deliveries),
    redeliver: async (id) => {
      const delivery = deliveries.redeliver(id);
      if (delivery === undefined) throw new NoSuchDelivery({ id });
      return delivery;
    },
    ping: () => send('ping', pingPayload(world, { id: hook.id, url: hook.url ?? '' })),
  };
}

const summary = ({ number, state, head }: Pull): PullSummary => ({ number, state, head: { sha: head.sha } });

/** Forks are left out: their pull requests are opened at the parent. */
function repositoryAt(world: World, owner: string, name: string): Repository {
  const repository = repositoryNamed(world, owner, name);
  if (repository === undefined || repository.parent) throw new NoSuchRepository({ repository: `${owner}/${name}` });
  return repository;
}

function pullAt(world: World, { owner, name, number }: PullAddress): Pull {
  const repository = repositoryAt(world, owner, name);
  const pull = /^[1-9]\d*$/.test(String(number)) ? repository.pulls.get(Number(number)) : undefined;
  if (pull === undefined) throw new NoSuchPull({ repository: repository.fullName, number });
  return pull;
}
