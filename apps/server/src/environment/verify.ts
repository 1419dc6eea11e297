import { refOf } from '@ephemera/kube';
import { describeRef, type Manifest } from '@ephemera/model';
import { recordNote } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { done, type Outcome } from '../work/outcome.ts';
import { markMissingNamespace, type ConvergeDeps } from './converge.ts';
import { hasDrifted, requiredObjects } from './drift.ts';
import { namespaceObject } from './objects.ts';
import { enqueueReport } from './transition.ts';

/**
 * For a ready environment: is everything still there, as it was made? Reads each object and applies only what says something else, so
 * nobody has to tell it what has changed, and a run that finds all well writes nothing.
 */
export async function verify(deps: ConvergeDeps, claim: Claim, environment: Environment): Promise<Outcome> {
  const missing = await markMissingNamespace(deps, claim, environment, environment.commitSha);
  if (missing) return missing;
  for (const required of requiredObjects(environment, deps.limits)) {
    claim.assertHeld();
    const ref = refOf(required);
    const actual = await deps.cluster.get(ref, claim.signal);
    if (!hasDrifted(required, actual)) continue;
    claim.assertHeld();
    await deps.cluster.apply(whole(required, environment), {
      // Its mark may be what was edited away; in a namespace of ours it is ours all the same. A namespace has to prove whose it is.
      adopt: required.kind === 'Namespace' ? 'never' : 'unmarked',
      signal: claim.signal,
    });
    await claim.write(async (tx) => {
      await enqueueReport(tx, environment);
      await recordNote(tx, {
        environmentId: environment.id,
        commitSha: environment.commitSha,
        name: 'edited_object',
        message: `${describeRef(ref)} was ${actual ? 'edited' : 'deleted'} by somebody and is set back.`,
      });
    });
  }
  return done();
}

/** What is left out of an apply is taken away from the object, so the namespace is applied with its annotations. */
function whole(required: Manifest, environment: Environment): Manifest {
  return required.kind === 'Namespace' ? namespaceObject(environment) : required;
}
