import { refOf, type Everything } from '@ephemera/kube';
import { refText, type KubeObject } from '@ephemera/model';

/** What clusters put into every namespace by themselves: certificates of the API server, of OpenShift's services, of Istio. */
const everywhere: ReadonlySet<string> = new Set([
  'ServiceAccount default',
  'ConfigMap kube-root-ca.crt',
  'ConfigMap openshift-service-ca.crt',
  'ConfigMap istio-ca-root-cert',
]);

/** What the cluster writes about other objects, and makes again when it is gone. */
const derived: ReadonlySet<string> = new Set(['Event', 'Endpoints', 'EndpointSlice']);

export function isDerived({ kind }: Pick<KubeObject, 'kind'>): boolean {
  return derived.has(kind);
}

/**
 * Whether an object would be lost to somebody with the namespace it is in. What the cluster puts there by itself would not, nor what
 * belongs to objects that are `gone` (UIDs), which the cluster is about to remove. All else would: also what is being removed, which may
 * take its time for a reason, and what an earlier or later run of the job has made. Pure.
 */
export function isSomebodys({ kind, metadata }: KubeObject, gone: ReadonlySet<string | undefined>): boolean {
  if (everywhere.has(`${kind} ${metadata.name}`)) return false;
  const { ownerReferences: owners = [] }: WithOwners = metadata;
  return owners.length === 0 || owners.some(({ uid }) => !gone.has(uid));
}

type WithOwners = KubeObject['metadata'] & { readonly ownerReferences?: readonly { readonly uid: string }[] };

const namedAtMost = 10;

/** Why a namespace has to stay, as the end of a sentence; undefined when it does not. Pure. */
export function whyKept({ objects, unknown }: Everything): string | undefined {
  if (objects.length > 0)
    return `there is something else in it: ${some(objects.map((object) => refText(refOf(object))))}`;
  if (unknown.length === 0) return undefined;
  const reasons = Map.groupBy(unknown, ({ because }) => because);
  const inWords = Array.from(reasons, ([because, whats]) => `${some(whats.map(({ what }) => what))} (${because})`);
  return `whether there is something else in it cannot be known: ${inWords.join('; ')}`;
}

function some(names: readonly string[]): string {
  const named = names.slice(0, namedAtMost);
  const more = names.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
