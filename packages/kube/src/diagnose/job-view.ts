import { count, fields, items, text, time, type Fields } from './fields.ts';
import { holds, readConditions, type ConditionView } from './pod-view.ts';

/** What a diagnosis needs of a Job, read without trust. */
export interface JobView {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly accountName: string;
  /** Since when it should have pods: it was made, or resumed. */
  readonly since: number | undefined;
  readonly suspended: boolean;
  readonly complete: boolean;
  /** Why it failed. True already while its last pods are still ending. */
  readonly failed: ConditionView | undefined;
  /** How many pods should be there now, and how many the controller counts. */
  readonly wantedPods: number;
  readonly activePods: number;
  readonly failedPods: number;
  readonly backoffLimit: number;
  readonly deadlineSeconds: number | undefined;
  readonly failureRules: readonly Fields[];
}

/** What Kubernetes takes when nothing is said. */
const defaultBackoffLimit = 6;

export function readJob(job: unknown, now: number): JobView {
  const { metadata, spec, status } = fields(job);
  const meta = fields(metadata);
  const specs = fields(spec);
  const state = fields(status);
  const name = text(meta.name);
  const conditions = readConditions(state.conditions, now);
  return {
    name: name === '' ? 'without a name' : name,
    namespace: text(meta.namespace),
    uid: text(meta.uid),
    accountName: text(fields(fields(specs.template).spec).serviceAccountName),
    since: time(state.startTime, now) ?? time(meta.creationTimestamp, now),
    suspended: specs.suspend === true,
    complete: (holds(conditions, 'Complete') ?? holds(conditions, 'SuccessCriteriaMet')) !== undefined,
    failed: holds(conditions, 'Failed') ?? holds(conditions, 'FailureTarget'),
    wantedPods: wantedPods(specs, state),
    activePods: count(state.active) ?? 0,
    failedPods: count(state.failed) ?? 0,
    backoffLimit: count(specs.backoffLimit) ?? defaultBackoffLimit,
    deadlineSeconds: count(specs.activeDeadlineSeconds),
    failureRules: items(fields(specs.podFailurePolicy).rules),
  };
}

function wantedPods(specs: Fields, state: Fields): number {
  const parallelism = count(specs.parallelism) ?? 1;
  const succeeded = count(state.succeeded) ?? 0;
  const completions = count(specs.completions);
  // A work queue is done with making pods as soon as one of them says that the queue is empty.
  if (completions === undefined) return succeeded > 0 ? 0 : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}
