import { revokeTokens } from '../app-auth.ts';
import { close, reopen } from '../actions/close.ts';
import { createRepository } from '../actions/create-repository.ts';
import { edit } from '../actions/edit.ts';
import { actOnInstallation, grant, type InstallationAction } from '../actions/installation.ts';
import { removeRepository, rename, transfer } from '../actions/move-repository.ts';
import { openPull } from '../actions/open-pull.ts';
import { push } from '../actions/push.ts';
import { NoSuchComment, NoSuchDelivery, NoSuchPull, NoSuchRepository } from '../errors.ts';
import { installAtFirst } from '../installations.ts';
import { rotateInput, workflowRunInput } from '../oidc/input.ts';
import { repositoryNamed, userNamed } from '../world.ts';
import * as input from './input.ts';
import { createAnnouncer, type AnnouncerParts } from './announce.ts';
import {
  type InstallationView,
  installationView,
  type PullView,
  pullView,
  type RepositoryView,
  repositoryView,
} from './view.ts';
import type { PullEvent, WorldEvent } from '../actions/event.ts';
import type { Delivery } from '../deliveries.ts';
import type { Issuer, WorkflowRunView } from '../oidc/issuer.ts';
import type { Pull, Repository, World } from '../state.ts';

export interface PullSummary {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly head: { readonly sha: string };
}

export type PullAction = 'push' | 'close' | 'reopen' | 'edit' | 'delete-comment';
export type RepositoryAction = 'rename' | 'transfer' | 'remove';
export type AccountAction = InstallationAction | 'permissions';

/** What people do on GitHub, for the HTTP control API and the handles in the same process alike. Input is checked here. */
export interface Control {
  readonly createRepository: (input: unknown) => RepositoryView;
  readonly repositories: () => RepositoryView[];
  /** Where the repository of that id is now. Undefined once it is removed. */
  readonly placeOf: (id: number) => RepositoryAddress | undefined;
  readonly actOnRepository: (at: RepositoryAddress, action: RepositoryAction, input: unknown) => RepositoryView;
  readonly installations: () => InstallationView[];
  readonly installation: (owner: string) => InstallationView;
  readonly actOnInstallation: (owner: string, action: AccountAction, input: unknown) => InstallationView;
  readonly open: (owner: string, name: string, input: unknown) => PullSummary;
  readonly act: (at: PullAddress, action: PullAction, input: unknown) => PullSummary;
  readonly view: (at: PullAddress) => PullView;
  /** A run of a workflow begins, which may ask for tokens from then on. */
  readonly startRun: (at: RepositoryAddress, input: unknown) => WorkflowRunView;
  /** Tokens are signed with another key from then on. */
  readonly rotateKeys: (input: unknown) => Promise<void>;
  readonly revokeTokens: () => void;
  readonly redeliver: (id: string) => Promise<Delivery>;
  readonly ping: () => Promise<Delivery>;
}

export interface RepositoryAddress {
  readonly owner: string;
  readonly name: string;
}

export interface PullAddress extends RepositoryAddress {
  readonly number: number | string;
}

export function createControl(parts: AnnouncerParts & { readonly issuer: Issuer }): Control {
  const { world, deliveries, issuer } = parts;
  const { announce, ping } = createAnnouncer(parts);

  const pullActions: Record<PullAction, (pull: Pull, given: unknown) => PullEvent[]> = {
    push: (pull, given) => push(world, pull, input.parseInput(input.pushInput, given)),
    close: (pull, given) => close(world, pull, input.parseInput(input.closeInput, given)),
    reopen: (pull, given) => {
      input.parseInput(input.nothingInput, given);
      return reopen(world, pull);
    },
    edit: (pull, given) => edit(world, pull, input.parseInput(input.editInput, given)),
    'delete-comment': (pull, given) => {
      deleteComment(pull, input.parseInput(input.commentInput, given).id);
      return [];
    },
  };

  const repositoryActions: Record<RepositoryAction, (repository: Repository, given: unknown) => WorldEvent[]> = {
    rename: (repository, given) => rename(world, repository, input.parseInput(input.renameInput, given).name),
    transfer: (repository, given) => transfer(world, repository, input.parseInput(input.transferInput, given).owner),
    remove: (repository, given) => {
      input.parseInput(input.nothingInput, given);
      return removeRepository(world, repository);
    },
  };

  function happenedTo(owner: string, action: AccountAction, given: unknown): WorldEvent[] {
    const account = userNamed(world, input.parseInput(input.accountInput, { owner }).owner);
    if (action !== 'install') installAtFirst(world, account);
    if (action === 'permissions') return grant(world, account, input.parseInput(input.permissionsInput, given));
    input.parseInput(input.nothingInput, given);
    return actOnInstallation(world, account, action);
  }

  return {
    createRepository: (given) =>
      repositoryView(createRepository(world, input.parseInput(input.repositoryInput, given))),
    repositories: () => [...world.repositories.values()].filter(({ parent }) => !parent).map(repositoryView),
    placeOf: (id) => {
      const found = world.repositoriesById.get(id);
      return found && { owner: found.owner.login, name: found.name };
    },
    actOnRepository: (at, action, given) => {
      const repository = repositoryAt(world, at.owner, at.name);
      announce(repositoryActions[action](repository, given));
      return repositoryView(repository);
    },
    installations: () => [...world.installations.keys()].map((login) => installationView(world, login)),
    installation: (owner) => installationView(world, owner),
    actOnInstallation: (owner, action, given) => {
      announce(happenedTo(owner, action, given));
      return installationView(world, owner);
    },
    open: (owner, name, given) => {
      const repository = repositoryAt(world, owner, name);
      const { pull, events } = openPull(world, repository, input.parseInput(input.openInput, given));
      announce(events);
      return summary(pull);
    },
    act: (at, action, given) => {
      const pull = pullAt(world, at);
      announce(pullActions[action](pull, given));
      return summary(pull);
    },
    view: (at) => pullView(world, pullAt(world, at), deliveries),
    startRun: ({ owner, name }, given) =>
      issuer.start(repositoryAt(world, owner, name), input.parseInput(workflowRunInput, given)),
    rotateKeys: async (given) => {
      const { forget = false } = input.parseInput(rotateInput, given);
      await issuer.rotate({ forget });
    },
    revokeTokens: () => revokeTokens(world),
    redeliver: async (id) => {
      const delivery = deliveries.redeliver(id);
      if (delivery === undefined) throw new NoSuchDelivery({ id });
      return delivery;
    },
    ping,
  };
}

const summary = ({ number, state, head }: Pull): PullSummary => ({ number, state, head: { sha: head.sha } });

function deleteComment({ repository, number }: Pull, id: number): void {
  if (repository.comments.get(id)?.issue !== number) throw new NoSuchComment({ number, id });
  repository.comments.delete(id);
}

/** Forks are left out: their pull requests are opened at the parent. Former names lead to where the repository is now. */
function repositoryAt(world: World, owner: string, name: string): Repository {
  const repository = repositoryNamed(world, owner, name) ?? world.formerNames.get(`${owner}/${name}`.toLowerCase());
  if (repository === undefined || repository.parent) throw new NoSuchRepository({ repository: `${owner}/${name}` });
  return repository;
}

function pullAt(world: World, { owner, name, number }: PullAddress): Pull {
  const repository = repositoryAt(world, owner, name);
  const pull = /^[1-9]\d*$/.test(String(number)) ? repository.pulls.get(Number(number)) : undefined;
  if (pull === undefined) throw new NoSuchPull({ repository: repository.fullName, number });
  return pull;
}
