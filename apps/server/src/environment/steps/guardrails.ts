import { done } from '../../work/outcome.ts';
import { guardrailObjects } from '../objects.ts';
import type { Step } from '../step.ts';

/**
 * Quota, default limits, default-deny policy and the account without a token: all there before the first pod may run. One after the other:
 * side by side they are ready no sooner, and a cluster that asks for patience gets more calls that it refuses.
 */
export const guardrails: Step = {
  name: 'guardrails',
  run: async ({ environment, cluster, limits, claim }) => {
    for (const object of guardrailObjects(environment, limits)) {
      claim.assertHeld();
      // Inside a namespace of ours the cluster itself makes objects too, such as the default account.
      await cluster.apply(object, { adopt: 'unmarked', signal: claim.signal });
    }
    return done();
  },
};
