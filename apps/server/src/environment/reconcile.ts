import type { Logger } from 'pino';
import { living } from '../ledger/ledger.ts';
import { environmentById } from '../store/environments.ts';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done, type Outcome } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { converge, type ConvergeDeps } from './converge.ts';
import { decide, namespaceStuck } from './decide.ts';
import { mayReclaim } from './reclaim.ts';
import { clear, teardown, type TeardownDeps } from './teardown.ts';
import { verify } from './verify.ts';

export interface ReconcileDeps extends ConvergeDeps, TeardownDeps {
  readonly log: Logger;
  /** Told what a run has made of an environment, for measuring. */
  readonly onRun?: (before: Environment, after: Environment) => Promise<void>;
}

/** Work of kind `environment`: reads the row, decides, and takes the environment as far as it goes. */
export function reconcileEnvironment(deps: ReconcileDeps): Handler {
  return async (claim) => {
    const before = await environmentById(deps.db, Number(claim.key));
    if (!before) return done();
    const outcome = await carryOut(deps, claim, before);
    const after = await environmentById(deps.db, before.id);
    if (after && isNewFailure(before, after)) logFailure(deps.log, after);
    if (after) await deps.onRun?.(before, after);
    return outcome;
  };
}

async function carryOut(deps: ReconcileDeps, claim: Claim, environment: Environment): Promise<Outcome> {
  const leftovers = environment.status === 'destroyed' && (await living(deps.db, environment.id)).length > 0;
  const plan = decide(environment, { leftovers });
  switch (plan.kind) {
    case 'nothing':
      return done();
    case 'verify':
      return verify(deps, claim, environment);
    case 'teardown':
      return teardown(deps, claim, environment);
    case 'clear':
      return clear(deps, claim, environment);
    case 'reclaim': {
      const { commitSha } = plan;
      if (!(await mayReclaim(deps, claim, environment))) return done();
      return converge(deps, claim, environment, { kind: 'converge', as: 'provisioning', commitSha });
    }
    case 'converge':
      return converge(deps, claim, environment, plan);
    default:
      return again({ afterMs: 60_000, because: `unknown plan ${JSON.stringify(plan satisfies never)}` });
  }
}

/** A namespace that is stuck is said once more than the failure that it began as. */
function isNewFailure(before: Environment, after: Environment): boolean {
  if (after.status !== 'failed') return false;
  return before.status !== 'failed' || (after.reason === namespaceStuck && before.reason !== namespaceStuck);
}

/** People read it on the pull request; whoever runs the server reads it here. */
function logFailure(log: Logger, environment: Environment): void {
  const { id, repositoryFullName: repository, prNumber, namespace, reason, errorMessage } = environment;
  log.error(
    { environment: id, repository, pr: prNumber, namespace, reason, problem: errorMessage },
    'an environment failed',
  );
}
