import { refOf } from '@ephemera/kube';
import { describeRef, EphemeraError, type Manifest } from '@ephemera/model';
import { recordNote } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { again, done, type Outcome } from '../work/outcome.ts';
import type { ConvergeDeps } from './converge.ts';
import { hasDrifted, requiredObjects } from './drift.ts';
import { explainLostNamespace } from './lost-namespace.ts';
import { namespaceObject } from './objects.ts';
import { enqueueReport, transition } from './transition.ts';
import { whileWanted } from './wanted.ts';

/**
 * For a ready environment: is everything still there, as it has to be? Reads each object and applies only what says something else, so
 * nobody has to tell it what has changed, and a run that finds all well writes nothing. What cannot be set right keeps nothing else from
 * it; it stands as a reason beside `ready`, and is thrown, so that it is tried again.
 */
export async function verify(deps: ConvergeDeps, claim: Claim, environment: Environment): Promise<Outcome> {
  const lost = await explainLostNamespace(deps, claim, environment, environment.commitSha);
  if (lost) return lost;
  const refused: { readonly error: EphemeraError; readonly what: string }[] = [];
  for (const required of requiredObjects(environment, deps.limits)) {
    const error = await setRight(deps, claim, environment, required);
    if (error) refused.push({ error, what: describeRef(refOf(required)) });
  }
  const [first] = refused;
  if (!first && environment.reason === null) return done();
  const because = first && {
    reason: first.error.code,
    message: `${first.what} is not as it has to be, and cannot be set right: ${first.error.message}`,
  };
  const wanted = await claim.write(async (tx) => {
    const newest = await whileWanted(tx, environment.id, environment.commitSha);
    if (!newest) return false;
    await transition(tx, newest, { status: 'ready', ...(because && { because }) });
    if (because) await note(tx, environment, 'refused_object', because.message);
    return true;
  });
  if (!wanted) return again({ afterMs: 0, because: 'something newer is wanted' });
  if (first) throw first.error;
  return done();
}

/** Returns why it could not be set right. That it cannot be read says nothing about it: that is thrown. */
async function setRight(
  { cluster }: ConvergeDeps,
  claim: Claim,
  environment: Environment,
  required: Manifest,
): Promise<EphemeraError | undefined> {
  claim.assertHeld();
  const ref = refOf(required);
  const actual = await cluster.get(ref, claim.signal);
  if (!hasDrifted(required, actual)) return undefined;
  claim.assertHeld();
  try {
    await cluster.apply(whole(required, environment), {
      // Its mark may be what was edited away; in a namespace of ours it is ours all the same. A namespace has to prove whose it is.
      adopt: required.kind === 'Namespace' ? 'never' : 'unmarked',
      signal: claim.signal,
    });
  } catch (error) {
    claim.signal.throwIfAborted();
    if (error instanceof EphemeraError) return error;
    throw error;
  }
  await claim.write(async (tx) => {
    await enqueueReport(tx, environment);
    // An edit, a new name of the repository and another setting look the same from here.
    const message = actual
      ? `${describeRef(ref)} was not as it has to be and is set right.`
      : `${describeRef(ref)} was missing and is made again.`;
    await note(tx, environment, 'corrected_object', message);
  });
  return undefined;
}

async function note(
  tx: Parameters<typeof recordNote>[0],
  { id: environmentId, commitSha }: Environment,
  name: string,
  message: string,
): Promise<void> {
  await recordNote(tx, { environmentId, commitSha, name, message });
}

/** What is left out of an apply is taken away from the object, so the namespace is applied with its annotations. */
function whole(required: Manifest, environment: Environment): Manifest {
  return required.kind === 'Namespace' ? namespaceObject(environment) : required;
}
