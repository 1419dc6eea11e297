import { defineError } from '@ephemera/model';

/** The control API's errors. GitHub's own refusals have GitHub's shape and stand in refusal.ts. */

interface InstallationRefusal {
  readonly account: string;
  readonly state: 'active' | 'suspended' | 'removed';
  readonly action: string;
}

interface Problem {
  readonly path: string;
  readonly reason: string;
}

export const BadInput = defineError({
  code: 'fake_github.bad_input',
  retryable: false,
  message: ({ problems }: { problems: readonly Problem[] }) =>
    `The input is not valid: ${problems.map(({ path, reason }) => `${path}: ${reason}`).join('; ')}.`,
  hint: 'The fields of each call are in the README of packages/fake-github.',
});

export const NoSuchRepository = defineError({
  code: 'fake_github.no_such_repository',
  retryable: false,
  message: ({ repository }: { repository: string }) => `There is no repository ${repository}.`,
  hint: 'Create it first: POST /_control/repositories { "owner", "name" }.',
});

export const NoSuchPull = defineError({
  code: 'fake_github.no_such_pull',
  retryable: false,
  message: ({ repository, number }: { repository: string; number: string | number }) =>
    `Repository ${repository} has no pull request ${number}.`,
  hint: ({ repository }) => `Open one first: POST /_control/repositories/${repository}/pulls { "head" }.`,
});

export const NoSuchDelivery = defineError({
  code: 'fake_github.no_such_delivery',
  retryable: false,
  message: ({ id }: { id: string }) => `There is no delivery ${id}.`,
  hint: 'GET /_control/deliveries lists them.',
});

export const NoSuchCall = defineError({
  code: 'fake_github.no_such_call',
  retryable: false,
  message: ({ method, path }: { method: string; path: string }) => `The control API has no ${method} ${path}.`,
  hint: 'The calls are in the README of packages/fake-github.',
});

export const RepositoryExists = defineError({
  code: 'fake_github.repository_exists',
  retryable: false,
  message: ({ repository }: { repository: string }) => `Repository ${repository} exists already.`,
  hint: 'Use it as it is, or take another name. Names differ by more than their case.',
});

export const PullExists = defineError({
  code: 'fake_github.pull_exists',
  retryable: false,
  message: ({ number, head, base }: { number: number; head: string; base: string }) =>
    `Pull request ${number} from ${head} into ${base} is open already.`,
  hint: 'Close it first, or open from another branch.',
});

export const WrongState = defineError({
  code: 'fake_github.wrong_state',
  retryable: false,
  message: ({ number, state, action }: { number: number; state: 'open' | 'closed' | 'merged'; action: string }) =>
    `Pull request ${number} is ${state} and cannot ${action}.`,
  hint: ({ state }) =>
    state === 'merged' ? 'A merged pull request stays closed: open another one.' : 'See its state with GET.',
});

export const WrongInstallationState = defineError({
  code: 'fake_github.wrong_installation_state',
  retryable: false,
  message: ({ account, state, action }: InstallationRefusal) =>
    `The App's installation on ${account} is ${state} and cannot ${action}.`,
  hint: 'GET /_control/installations shows them.',
});

export const NoSuchComment = defineError({
  code: 'fake_github.no_such_comment',
  retryable: false,
  message: ({ number, id }: { number: number; id: number }) => `Pull request ${number} has no comment ${id}.`,
  hint: "The pull request's GET shows its comments.",
});

export const FromBrowser = defineError({
  code: 'fake_github.from_browser',
  retryable: false,
  message: (_: object) => 'The control API does not answer requests that a web page sent.',
  hint: 'Call it from a program: what a pull request holds may be run by whoever listens to the webhooks.',
});

export const Unexpected = defineError({
  code: 'fake_github.unexpected',
  retryable: false,
  message: ({ reason }: { reason: string }) => `The fake failed: ${reason}`,
  hint: 'This is a fault of packages/fake-github.',
});

/** Where codes become HTTP statuses, the only place. */
export const httpStatus: Readonly<Record<string, number>> = {
  [BadInput.code]: 400,
  [FromBrowser.code]: 403,
  [NoSuchCall.code]: 404,
  [NoSuchComment.code]: 404,
  [NoSuchDelivery.code]: 404,
  [NoSuchPull.code]: 404,
  [NoSuchRepository.code]: 404,
  [PullExists.code]: 409,
  [RepositoryExists.code]: 409,
  [WrongInstallationState.code]: 409,
  [WrongState.code]: 409,
};
