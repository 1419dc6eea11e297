import { isFork, type PullRequest } from '@ephemera/github';

/** What a pull request, as GitHub shows it now, asks of us. */
export type Wish =
  | {
      readonly state: 'open';
      readonly sha: string;
      readonly branch: string;
      readonly title: string;
      readonly isFork: boolean;
    }
  | { readonly state: 'closed'; readonly merged: boolean; readonly sha: string }
  /** Keeps what exists and makes nothing new. */
  | { readonly state: 'leave'; readonly reason: string };

export interface WishOptions {
  readonly drafts: 'include' | 'skip';
  /** Whether an environment of an open generation is there. */
  readonly exists: boolean;
  /** The commit of an environment that was removed by hand, as long as that counts. */
  readonly held?: string | undefined;
}

/** Pure. */
export function wishOf(pull: PullRequest, { drafts, exists, held }: WishOptions): Wish {
  if (pull.state === 'closed') return { state: 'closed', merged: pull.merged, sha: pull.head.sha };
  if (!exists && held === pull.head.sha)
    return { state: 'leave', reason: 'its environment was removed by hand, and nothing was pushed since' };
  // Converting to a draft never destroys by surprise: only a new environment is held back.
  if (pull.draft && drafts === 'skip' && !exists)
    return { state: 'leave', reason: 'it is a draft, and DRAFTS is skip' };
  return { state: 'open', sha: pull.head.sha, branch: pull.head.ref, title: pull.title, isFork: isFork(pull) };
}
