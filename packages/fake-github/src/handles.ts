import type {
  AccountAction,
  Control,
  PullAction,
  PullSummary,
  RepositoryAction,
  RepositoryAddress,
} from './control/control.ts';
import type { CloseInput, EditInput, OpenInput, PushInput } from './control/input.ts';
import type { InstallationView, PullView, RepositoryView, StatusView } from './control/view.ts';
import type { WorkflowRunInput } from './oidc/input.ts';
import type { WorkflowRunView } from './oidc/issuer.ts';

/**
 * Short ways for tests in the same process: each does what the control API's call of the same name does. A repository's handle
 * and those of its pull requests stay good when it is renamed or transferred.
 */

export interface FakeRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly open: (input: OpenInput) => Promise<FakePull>;
  /** A pull request that was opened before. Throws if there is none of that number. */
  readonly pull: (number: number) => FakePull;
  /** Starts a run of a workflow, which may ask for tokens as a job of GitHub Actions does. */
  readonly run: (input?: WorkflowRunInput) => FakeWorkflowRun;
  readonly rename: (name: string) => Promise<RepositoryView>;
  readonly transfer: (owner: string) => Promise<RepositoryView>;
  /** Deletes it. Its pull requests cannot be asked for any more. */
  readonly remove: () => Promise<RepositoryView>;
}

export interface FakeWorkflowRun {
  readonly id: number;
  /** What a job with `id-token: write` finds in its environment. */
  readonly environment: Readonly<Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string>>;
  /** Asks for a token over HTTP, as a job does. Without an audience it is for the page of the repository's owner. */
  readonly idToken: (audience?: string) => Promise<string>;
}

export interface FakePull {
  readonly number: number;
  readonly repository: string;
  readonly view: () => PullView;
  /** The current head's SHA. */
  readonly sha: () => string;
  readonly push: (files?: PushInput['files']) => Promise<PullSummary>;
  readonly close: (input?: CloseInput) => Promise<PullSummary>;
  readonly reopen: () => Promise<PullSummary>;
  readonly edit: (input: EditInput) => Promise<PullSummary>;
  /** As a person with write access does it. */
  readonly deleteComment: (id: number) => Promise<PullSummary>;
  /** The newest state of that context on the current head, undefined while there is none. */
  readonly status: (context: string) => StatusView['state'] | undefined;
  readonly comments: () => PullView['comments'];
}

export interface FakeInstallation {
  readonly view: () => InstallationView;
  readonly suspend: () => Promise<InstallationView>;
  readonly unsuspend: () => Promise<InstallationView>;
  /** Its tokens end at once, and the App hears nothing of the account's repositories. */
  readonly remove: () => Promise<InstallationView>;
  /** Installs the App again, under another id. */
  readonly install: () => Promise<InstallationView>;
  /** Right to `read`, `write` or `none`; those not named stay. */
  readonly permissions: (levels: Readonly<Record<string, string>>) => Promise<InstallationView>;
}

export function repositoryHandle(control: Control, { id, owner, name }: RepositoryView): FakeRepository {
  const place = placeOf(control, id, { owner, name });
  const act = async (action: RepositoryAction, input: unknown) => control.actOnRepository(place(), action, input);
  return {
    id,
    get owner() {
      return place().owner;
    },
    get name() {
      return place().name;
    },
    get fullName() {
      return fullNameOf(place());
    },
    open: async (input) => {
      const at = place();
      return pullHandle(control, place, control.open(at.owner, at.name, input).number);
    },
    pull: (number) => {
      control.view({ ...place(), number });
      return pullHandle(control, place, number);
    },
    run: (input = {}) => runHandle(control.startRun(place(), input)),
    rename: (to) => act('rename', { name: to }),
    transfer: (to) => act('transfer', { owner: to }),
    remove: () => act('remove', {}),
  };
}

/** Where the repository is now; once it is removed, where it was last. */
function placeOf(control: Control, id: number, first: RepositoryAddress): () => RepositoryAddress {
  let last = first;
  return () => (last = control.placeOf(id) ?? last);
}

const fullNameOf = ({ owner, name }: RepositoryAddress) => `${owner}/${name}`;

function runHandle({ id, request_url: url, request_token: token }: WorkflowRunView): FakeWorkflowRun {
  return {
    id,
    environment: { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token },
    idToken: async (audience) => {
      const asked = audience === undefined ? url : `${url}&audience=${encodeURIComponent(audience)}`;
      const answer = await fetch(asked, { headers: { authorization: `bearer ${token}` } });
      if (!answer.ok) throw new Error(`the issuer answered ${answer.status}: ${await answer.text()}`);
      return ((await answer.json()) as { readonly value: string }).value;
    },
  };
}

function pullHandle(control: Control, place: () => RepositoryAddress, number: number): FakePull {
  const at = () => ({ ...place(), number });
  const view = () => control.view(at());
  const act = async (action: PullAction, input: unknown) => control.act(at(), action, input);
  return {
    number,
    get repository() {
      return fullNameOf(place());
    },
    view,
    sha: () => view().head.sha,
    push: (files) => act('push', { files }),
    close: (input = {}) => act('close', input),
    reopen: () => act('reopen', {}),
    edit: (input) => act('edit', input),
    deleteComment: (id) => act('delete-comment', { id }),
    status: (context) => {
      const { statuses, head } = view();
      return statuses.findLast((status) => status.context === context && status.sha === head.sha)?.state;
    },
    comments: () => view().comments,
  };
}

export function installationHandle(control: Control, owner: string): FakeInstallation {
  const act = async (action: AccountAction, input: unknown = {}) => control.actOnInstallation(owner, action, input);
  return {
    view: () => control.installation(owner),
    suspend: () => act('suspend'),
    unsuspend: () => act('unsuspend'),
    remove: () => act('remove'),
    install: () => act('install'),
    permissions: (levels) => act('permissions', levels),
  };
}
