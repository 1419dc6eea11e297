import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { Database } from '../store/database.ts';
import type { Clusters } from './clusters.ts';
import type { PrJobPolicy } from './policy.ts';

/** What the routes of pull-request jobs need. */
export interface PrJobDeps {
  readonly db: Database;
  readonly clusters: Clusters;
  /** The mark on what this server makes. */
  readonly instance: string;
  readonly policy: PrJobPolicy;
  readonly metrics: Pick<ProcessMetrics, 'prJob'>;
  /** True from the moment that the server is asked to stop. */
  readonly stopping: () => boolean;
}
