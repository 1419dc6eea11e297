import type { Cluster } from '@ephemera/kube';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import type { Outcome } from '../work/outcome.ts';
import type { Limits } from './objects.ts';

export interface StepContext {
  readonly environment: Environment;
  readonly cluster: Cluster;
  readonly limits: Limits;
  readonly claim: Claim;
}

/**
 * One thing that has to be true for an environment to be ready. Idempotent: it runs again after every crash and for every commit.
 * Says `done`, `again` (look later), or throws a typed error: retryable ones are tried again, others end in `failed`.
 */
export interface Step {
  readonly name: string;
  readonly run: (context: StepContext) => Promise<Outcome>;
}
