import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import { guardObjects, guardOwner } from '../objects/guard.ts';
import { covers } from './covers.ts';

/** Whether something limits what the accounts of pull-request jobs may create, or why nothing is known to. */
export type Guard = { readonly isInPlace: true } | { readonly isInPlace: false; readonly because: string };

const rememberedMs = 5 * 60_000;
/** Until when a cluster's guard need not be looked at again, on the clock of `performance.now()`. */
const seenUntil = new WeakMap<Cluster, number>();

/**
 * Puts the admission policy in place, if this account may; reads first, as most accounts may read it and not write it. That it is there is
 * believed for five minutes. `cluster`: the same object each time, or nothing is remembered.
 */
export async function ensureGuard(cluster: Cluster, signal?: AbortSignal): Promise<Guard> {
  const now = performance.now();
  if ((seenUntil.get(cluster) ?? -1) > now) return { isInPlace: true };
  const owned = cluster.as(guardOwner);
  try {
    for (const object of guardObjects()) {
      const present = await owned.get(refOf(object), signal);
      if (!present || !covers(present, object)) await owned.apply(object, { signal });
    }
  } catch (error) {
    if (!(error instanceof EphemeraError) || !cannotBe.has(error.code)) throw error;
    return { isInPlace: false, because: error.message };
  }
  seenUntil.set(cluster, now + rememberedMs);
  return { isInPlace: true };
}

/** Answers that will be the same next time: no right, no such API, or something else has its name. */
const cannotBe: ReadonlySet<string> = new Set([
  kubeErrors.Forbidden.code,
  kubeErrors.UnknownKind.code,
  kubeErrors.Foreign.code,
  kubeErrors.AdmissionDenied.code,
  kubeErrors.Invalid.code,
]);
