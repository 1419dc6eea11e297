import type { Installation, Label, Pull, Repository, User } from '../state.ts';

/** What happened, as far as the payloads of the webhooks differ. */
export type WorldEvent = PullEvent | RepositoryEvent | InstallationEvent | InstalledRepositoriesEvent;

export interface PullEvent {
  readonly event: 'pull_request';
  readonly pull: Pull;
  readonly action:
    | 'opened'
    | 'synchronize'
    | 'closed'
    | 'reopened'
    | 'edited'
    | 'labeled'
    | 'unlabeled'
    | 'converted_to_draft'
    | 'ready_for_review';
  readonly before?: string;
  readonly after?: string;
  readonly label?: Label;
  readonly changes?: Readonly<Record<string, unknown>>;
}

export interface RepositoryEvent {
  readonly event: 'repository';
  readonly repository: Repository;
  readonly action: 'renamed' | 'transferred' | 'deleted';
  /** What it was before. */
  readonly from?: { readonly name: string } | { readonly owner: User };
}

export interface InstallationEvent {
  readonly event: 'installation';
  readonly installation: Installation;
  readonly action: 'created' | 'deleted' | 'suspend' | 'unsuspend' | 'new_permissions_accepted';
}

export interface InstalledRepositoriesEvent {
  readonly event: 'installation_repositories';
  readonly installation: Installation;
  readonly action: 'added' | 'removed';
  readonly repository: Repository;
}
