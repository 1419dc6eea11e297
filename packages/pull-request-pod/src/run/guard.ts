import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError, type KubeObject } from '@ephemera/model';
import { guardObjects, guardOwner, guardVersionAnnotation } from '../objects/guard.ts';
import { atOnce } from './at-once.ts';
import { covers } from './covers.ts';

/** Whether something limits what the accounts of pull-request jobs may create, or why nothing is known to. */
export type Guard = { readonly isInPlace: true } | { readonly isInPlace: false; readonly because: string };

const believedMs = 5 * 60_000;
/** Shorter: whoever has just given the right, or applied the policy, tries again. */
const doubtedMs = 60_000;

interface Remembered {
  readonly guard: Guard;
  /** On the clock of `performance.now()`. */
  readonly until: number;
}

const remembered = new WeakMap<Cluster, Remembered>();

/**
 * Puts the admission policy in place, if this account may; reads first, as most accounts may read it and not write it. That it is there is
 * believed for five minutes, that it cannot be for one. `cluster`: the same object each time, or nothing is remembered.
 */
export async function ensureGuard(cluster: Cluster, signal?: AbortSignal): Promise<Guard> {
  const known = remembered.get(cluster);
  if (known && known.until > performance.now()) return known.guard;
  const guard = await putInPlace(cluster, signal);
  remembered.set(cluster, { guard, until: performance.now() + (guard.isInPlace ? believedMs : doubtedMs) });
  return guard;
}

async function putInPlace(cluster: Cluster, signal?: AbortSignal): Promise<Guard> {
  const owned = cluster.as(guardOwner);
  const put = async (object: KubeObject): Promise<void> => {
    const present = await owned.get(refOf(object), signal);
    if (present && (isInForce(present, object) || isNewer(present, object))) return;
    const applied = await owned.apply(object, { signal });
    // An apply leaves what others have added, and what is added here only takes away.
    if (isNarrowed(applied)) await owned.patch(refOf(object), { merge: widened, uid: applied.metadata.uid }, signal);
  };
  try {
    await atOnce(guardObjects().map(put));
    return { isInPlace: true };
  } catch (error) {
    if (!(error instanceof EphemeraError) || !cannotBe.has(error.code)) throw error;
    return { isInPlace: false, because: error.message };
  }
}

/** Whether the policy, or the binding, says all that it has to, and nothing that takes some namespace or object out of it. Pure. */
export function isInForce(present: KubeObject, wanted: KubeObject): boolean {
  return covers(present, wanted) && !isNarrowed(present);
}

/** Whether a later version of Ephemera has made it. Whoever can write this can write the whole policy. */
function isNewer(present: KubeObject, wanted: KubeObject): boolean {
  return isOwned(present, guardOwner) && versionOf(present) > versionOf(wanted) && !isNarrowed(present);
}

function versionOf({ metadata }: KubeObject): number {
  const version = Number(metadata.annotations?.[guardVersionAnnotation]);
  return Number.isSafeInteger(version) ? version : 0;
}

interface Narrowing extends KubeObject {
  readonly spec?: {
    readonly paramKind?: unknown;
    readonly paramRef?: unknown;
    readonly matchResources?: unknown;
    readonly matchConstraints?: Readonly<Record<string, unknown>>;
  };
}

/** To where the cluster's own defaults are in force. */
const widened = {
  spec: {
    paramKind: null,
    paramRef: null,
    matchResources: null,
    matchConstraints: { namespaceSelector: null, objectSelector: null, excludeResourceRules: null },
  },
};

function isNarrowed({ spec = {} }: Narrowing): boolean {
  const { paramKind, paramRef, matchResources, matchConstraints = {} } = spec;
  const { namespaceSelector, objectSelector, excludeResourceRules } = matchConstraints;
  return [paramKind, paramRef, matchResources, namespaceSelector, objectSelector, excludeResourceRules].some(
    (value) => value !== undefined && value !== null && Object.keys(value).length > 0,
  );
}

/** Answers that will be the same next time: no right, no such API, or something else has its name. */
const cannotBe: ReadonlySet<string> = new Set([
  kubeErrors.Forbidden.code,
  kubeErrors.UnknownKind.code,
  kubeErrors.Foreign.code,
  kubeErrors.AdmissionDenied.code,
  kubeErrors.Invalid.code,
]);
