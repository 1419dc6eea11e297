import { refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf, refText, type KubeObject } from '@ephemera/model';
import { LeftBehind } from './errors.ts';
import { batchJob, type JobRef } from './job-ref.ts';
import { isDerived, isSomebodys, whyKept } from './namespace-contents.ts';

/** What one run has made so far, in order: objects that were not there before. */
export interface Made {
  readonly objects: KubeObject[];
}

/** Whether trying again cannot help, so that a run that ended with it has to leave nothing. Pure. */
export function isRefusal(error: unknown): error is EphemeraError {
  return error instanceof EphemeraError && !error.retryable;
}

/**
 * Removes what a refused run has made, the last first, and gives the error to throw: the refusal itself, or one that says as well what is
 * left. Does nothing where there is a Job by now: another run of the job was taken, and uses the same objects.
 */
export async function unmake(cluster: Cluster, ref: JobRef, { made, known, refusal }: Refused): Promise<EphemeraError> {
  const left = made.objects.toReversed();
  try {
    const job = left.length === 0 ? undefined : await cluster.get(batchJob(ref));
    if (left.length === 0 || (job && job.metadata.uid !== known)) return refusal;
    for (let object = left[0]; object !== undefined; object = left[0]) {
      await removeOne(cluster, object);
      left.shift();
    }
    return refusal;
  } catch (error) {
    const names = left.map((object) => refText(refOf(object)));
    return new LeftBehind({ refusal: refusal.message, left: names, problem: messageOf(error) }, { cause: refusal });
  }
}

interface Refused {
  readonly made: Made;
  /** The UID of the Job that was there before. */
  readonly known: string | undefined;
  readonly refusal: EphemeraError;
}

/** Not by the signal of the run: what is refused in the moment of Ctrl-C has to be cleaned up as well. Every call has its own deadline. */
async function removeOne(cluster: Cluster, object: KubeObject): Promise<void> {
  const ref = refOf(object);
  if (object.kind === 'Namespace') {
    // It did not exist a moment ago: that an account like this may not list every kind is no reason to leave it.
    const { objects } = await cluster.everythingIn({
      namespace: ref.name,
      skips: isDerived,
      counts: (found) => isSomebodys(found, new Set()),
    });
    const because = whyKept({ objects, unknown: [] });
    if (because !== undefined) throw new Error(because);
  }
  await cluster.remove(ref, { uid: object.metadata.uid });
}
