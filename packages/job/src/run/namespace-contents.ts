import { isOwned, type KnownKind, type Owner } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';

/** Where it is looked for what others have in a namespace: what holds work, data or credentials. */
export const contentKinds: readonly KnownKind[] = [
  'batch/v1/Job',
  'v1/Pod',
  'v1/Secret',
  'v1/ConfigMap',
  'v1/PersistentVolumeClaim',
];

/** ConfigMaps that clusters put into every namespace: certificates of the API server, of OpenShift's services, of Istio. */
const everywhere: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt', 'istio-ca-root-cert']);

/** What of this would be lost to others with the namespace. What is being removed anyway does not count. Pure. */
export function contentsOfOthers(objects: readonly KubeObject[], owner: Owner): readonly KubeObject[] {
  return objects.filter(
    (object) =>
      !isOwned(object, owner) && object.metadata.deletionTimestamp === undefined && !isPutByTheCluster(object),
  );
}

function isPutByTheCluster({ kind, metadata, ...rest }: KubeObject & { readonly type?: unknown }): boolean {
  if (kind === 'ConfigMap') return everywhere.has(metadata.name);
  // The tokens and pull secrets of service accounts, which older clusters and OpenShift make by themselves.
  return (
    kind === 'Secret' &&
    (rest.type === 'kubernetes.io/service-account-token' ||
      metadata.annotations?.['kubernetes.io/service-account.name'] !== undefined)
  );
}
