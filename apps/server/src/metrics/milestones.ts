import type { Executor } from '../store/database.ts';
import { deploymentsOf } from '../store/deployments.ts';
import type { Deployment, Environment } from '../store/schema.ts';
import type { ProcessMetrics } from './process-metrics.ts';

/** What a run of an environment's work has reached, and how long that took since it was wished for. */
export interface Milestone {
  readonly status: 'ready' | 'destroyed';
  readonly seconds: number;
}

type Before = Pick<Environment, 'status' | 'updatedAt'>;
type After = Pick<Environment, 'status' | 'destroyingSince' | 'destroyedAt'>;
type Newest = Pick<Deployment, 'createdAt' | 'completedAt'>;

/**
 * Compares an environment before and after a run. Ready counts once for each commit, by the deployment that this very run has
 * completed: a namespace that was deleted by hand and made again is no deployment. Pure.
 */
export function milestone(before: Before, after: After, newest: Newest | undefined): Milestone | undefined {
  if (after.status === 'destroyed' && before.status !== 'destroyed') {
    const { destroyingSince, destroyedAt } = after;
    return destroyingSince && destroyedAt
      ? { status: 'destroyed', seconds: secondsBetween(destroyingSince, destroyedAt) }
      : undefined;
  }
  if (after.status !== 'ready' || !newest?.completedAt || newest.completedAt < before.updatedAt) return undefined;
  return { status: 'ready', seconds: secondsBetween(newest.createdAt, newest.completedAt) };
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / 1000);
}

/** Counts what a run has reached; a figure that cannot be had is no reason for a run to fail. */
export async function countMilestone(
  db: Executor,
  { reached }: Pick<ProcessMetrics, 'reached'>,
  before: Environment,
  after: Environment,
): Promise<void> {
  if (after.status !== 'ready' && after.status !== 'destroyed') return;
  const deployments = after.status === 'ready' ? await deploymentsOf(db, after.id).catch(() => []) : [];
  const found = milestone(before, after, deployments.at(-1));
  if (found) reached(found.status, found.seconds);
}
