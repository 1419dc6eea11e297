import { environmentById } from '../store/environments.ts';
import { again, done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { converge, verify, type ConvergeDeps } from './converge.ts';
import { decide } from './decide.ts';
import { teardown, type TeardownDeps } from './teardown.ts';

/** Work of kind `environment`: reads the row, decides, and takes the environment as far as it goes. */
export function reconcileEnvironment(deps: ConvergeDeps & TeardownDeps): Handler {
  return async (claim) => {
    const environment = await environmentById(deps.db, Number(claim.key));
    if (!environment) return done();
    const plan = decide(environment);
    switch (plan.kind) {
      case 'nothing':
        return done();
      case 'verify':
        return verify(deps, claim, environment);
      case 'teardown':
        return teardown(deps, claim, environment);
      case 'converge':
        return converge(deps, claim, environment, plan);
      default:
        return again({ afterMs: 60_000, because: `unknown plan ${JSON.stringify(plan satisfies never)}` });
    }
  };
}
