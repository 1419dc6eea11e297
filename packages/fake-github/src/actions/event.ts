import type { Label, Pull } from '../state.ts';

/** What happened to a pull request, as far as the payload of its webhook differs. */
export interface PullEvent {
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
