import type { Control, PullAction, PullSummary } from './control/control.ts';
import type { CloseInput, EditInput, OpenInput, PushInput } from './control/input.ts';
import type { PullView, RepositoryView, StatusView } from './control/view.ts';

/** Short ways for tests in the same process: each does what the control API's call of the same name does. */

export interface FakeRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly open: (input: OpenInput) => Promise<FakePull>;
  /** A pull request that was opened before. Throws if there is none of that number. */
  readonly pull: (number: number) => FakePull;
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
  /** The newest state of that context on the current head, undefined while there is none. */
  readonly status: (context: string) => StatusView['state'] | undefined;
  readonly comments: () => PullView['comments'];
}

export function repositoryHandle(control: Control, view: RepositoryView): FakeRepository {
  const { id, owner, name, full_name: fullName } = view;
  return {
    id,
    owner,
    name,
    fullName,
    open: async (input) => pullHandle(control, view, control.open(owner, name, input).number),
    pull: (number) => {
      control.view({ owner, name, number });
      return pullHandle(control, view, number);
    },
  };
}

function pullHandle(
  control: Control,
  { owner, name, full_name: repository }: RepositoryView,
  number: number,
): FakePull {
  const at = { owner, name, number };
  const view = () => control.view(at);
  const act = async (action: PullAction, input: unknown) => control.act(at, action, input);
  return {
    number,
    repository,
    view,
    sha: () => view().head.sha,
    push: (files) => act('push', { files }),
    close: (input = {}) => act('close', input),
    reopen: () => act('reopen', {}),
    edit: (input) => act('edit', input),
    status: (context) => {
      const { statuses, head } = view();
      return statuses.findLast((status) => status.context === context && status.sha === head.sha)?.state;
    },
    comments: () => view().comments,
  };
}
