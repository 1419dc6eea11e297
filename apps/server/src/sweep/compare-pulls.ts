import type { OpenPull } from '@ephemera/github';
import type { Environment } from '../store/schema.ts';

/** What no event has told us of one pull request. */
export interface PullDifference {
  readonly kind: 'missed_open' | 'missed_push' | 'missed_close';
  readonly prNumber: number;
  readonly environment?: Environment | undefined;
  readonly detail: string;
}

export interface CompareOptions {
  readonly drafts: 'include' | 'skip';
  /** From before the list was asked for: what was written since knows more than the list. */
  readonly listedAt: Date;
  /** Pull requests that will be looked at anyway: their event was not missed. */
  readonly inWork: ReadonlySet<number>;
}

/** The open pull requests of one repository, listed to the end, against the newest generation of each. Pure. */
export function comparePulls(
  open: readonly OpenPull[],
  newest: readonly Environment[],
  { drafts, listedAt, inWork }: CompareOptions,
): PullDifference[] {
  const generations = new Map(newest.map((environment) => [environment.prNumber, environment]));
  const listed = new Set(open.map(({ number }) => number));
  const differences = open.flatMap((pull) => differenceOf(pull, generations.get(pull.number), drafts));
  const unlisted = newest
    // A hold ends with its pull request. One that is closed and opened again has nothing to show for it but that it was away.
    .filter(({ wantedState, held, prNumber }) => (wantedState === 'open' || held) && !listed.has(prNumber))
    .map((environment): PullDifference => {
      const detail = `The pull request is not among the open ones${environment.held ? ', and its environment is held' : ''}.`;
      return { kind: 'missed_close', prNumber: environment.prNumber, environment, detail };
    });
  return [...differences, ...unlisted].filter(
    ({ prNumber, environment }) =>
      !inWork.has(prNumber) && (environment === undefined || environment.updatedAt < listedAt),
  );
}

function differenceOf(
  { number: prNumber, headSha, draft }: OpenPull,
  environment: Environment | undefined,
  drafts: 'include' | 'skip',
): PullDifference[] {
  if (environment?.wantedState === 'open') {
    if (environment.wantedSha === headSha) return [];
    const detail = `The newest commit is ${headSha.slice(0, 7)}, the environment knows ${environment.wantedSha.slice(0, 7)}.`;
    return [{ kind: 'missed_push', prNumber, environment, detail }];
  }
  if (draft && drafts === 'skip') return [];
  if (environment?.held && environment.wantedSha === headSha) return [];
  const detail = 'The pull request is open and has no environment.';
  return [{ kind: 'missed_open', prNumber, environment, detail }];
}
