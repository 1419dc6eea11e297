import type { Cluster } from '@ephemera/kube';
import type { LedgerLine } from '../ledger/ledger.ts';
import type { Executor } from '../store/database.ts';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import type { Outcome } from '../work/outcome.ts';
import type { Limits } from './objects.ts';

export interface StepContext {
  readonly environment: Environment;
  /** The ledger's line of the namespace, written before the first step. */
  readonly line: LedgerLine;
  readonly cluster: Cluster;
  readonly limits: Limits;
  readonly claim: Claim;
}

/** Writes what the cluster has confirmed, in the transaction that follows the step, whatever is wanted by then. */
export type Leaves = (tx: Executor) => Promise<void>;

export type StepOutcome = Outcome & { readonly leaves?: Leaves };

/**
 * One thing that has to be true for an environment to be ready. Idempotent: it runs again after every crash and for every commit.
 * Says `done`, `again` (look later, `afterMs` at the soonest: the longer it takes, the less often), or throws a typed error: retryable
 * ones are tried again, others end in `failed`.
 */
export interface Step {
  readonly name: string;
  readonly run: (context: StepContext) => Promise<StepOutcome>;
}
