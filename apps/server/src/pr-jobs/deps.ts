import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { Database } from '../store/database.ts';
import type { Clusters } from './clusters.ts';
import type { PrJobPolicy } from './policy.ts';
import type { Recent } from './recent.ts';

/** What the routes of pull-request jobs need. */
export interface PrJobDeps {
  readonly db: Database;
  readonly clusters: Clusters;
  /** The mark on what this server makes. */
  readonly instance: string;
  readonly policy: PrJobPolicy;
  readonly metrics: Pick<ProcessMetrics, 'prJob'>;
  /** What is recorded once an hour, and was lately. */
  readonly recent: Recent;
  /** After how many milliseconds a create or a cleanup is broken off. Default `createDeadlineMs`. */
  readonly deadlineMs?: number | undefined;
  /** Aborted when the server is asked to stop. */
  readonly stopping: AbortSignal;
}
