import { done } from '../../work/outcome.ts';
import { guardrailObjects } from '../objects.ts';
import type { Step } from '../step.ts';

/**
 * Quota, default limits, default-deny policy and the account without a token: all there before the first pod may run. None of them needs
 * another one, so they are applied side by side; when one is refused, the others have come to their end before it is said.
 */
export const guardrails: Step = {
  name: 'guardrails',
  run: async ({ environment, cluster, limits, claim }) => {
    claim.assertHeld();
    const applied = await Promise.allSettled(
      guardrailObjects(environment, limits).map((object) =>
        // Inside a namespace of ours the cluster itself makes objects too, such as the default account.
        cluster.apply(object, { adopt: 'unmarked', signal: claim.signal }),
      ),
    );
    for (const result of applied) if (result.status === 'rejected') throw result.reason;
    return done();
  },
};
