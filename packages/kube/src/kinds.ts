import type { ObjectRef } from '@ephemera/model';
import { Invalid } from './errors.ts';

interface KindRow {
  readonly plural: string;
  readonly namespaced: boolean;
}

/**
 * The kinds that Ephemera works with. A table instead of the cluster's discovery: it costs no call at start,
 * and a kind that is missing here is a mistake of ours that a test finds.
 */
const kinds = {
  'v1/Namespace': { plural: 'namespaces', namespaced: false },
  'v1/Pod': { plural: 'pods', namespaced: true },
  'v1/ResourceQuota': { plural: 'resourcequotas', namespaced: true },
  'v1/LimitRange': { plural: 'limitranges', namespaced: true },
  'v1/ServiceAccount': { plural: 'serviceaccounts', namespaced: true },
  'v1/ConfigMap': { plural: 'configmaps', namespaced: true },
  'v1/Secret': { plural: 'secrets', namespaced: true },
  'v1/PersistentVolumeClaim': { plural: 'persistentvolumeclaims', namespaced: true },
  'v1/Event': { plural: 'events', namespaced: true },
  'batch/v1/Job': { plural: 'jobs', namespaced: true },
  'apps/v1/Deployment': { plural: 'deployments', namespaced: true },
  'apps/v1/StatefulSet': { plural: 'statefulsets', namespaced: true },
  'rbac.authorization.k8s.io/v1/Role': { plural: 'roles', namespaced: true },
  'rbac.authorization.k8s.io/v1/RoleBinding': { plural: 'rolebindings', namespaced: true },
  'rbac.authorization.k8s.io/v1/ClusterRole': { plural: 'clusterroles', namespaced: false },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': { plural: 'clusterrolebindings', namespaced: false },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': {
    plural: 'validatingadmissionpolicies',
    namespaced: false,
  },
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': {
    plural: 'validatingadmissionpolicybindings',
    namespaced: false,
  },
  'networking.k8s.io/v1/NetworkPolicy': { plural: 'networkpolicies', namespaced: true },
} as const satisfies Record<string, KindRow>;

export type KnownKind = keyof typeof kinds;

/** All kinds of the table, for code that has to look everywhere. */
export const knownKinds = Object.keys(kinds) as readonly KnownKind[];

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export function kindRef(known: KnownKind): KindRef {
  const cut = known.lastIndexOf('/');
  return { apiVersion: known.slice(0, cut), kind: known.slice(cut + 1) };
}

export function isNamespaced(ref: KindRef): boolean {
  return row(ref).namespaced;
}

/** The path of a collection: of one namespace, or of the whole cluster when `namespace` is not given. */
export function collectionPath(ref: KindRef, namespace?: string): string {
  const { plural, namespaced } = row(ref);
  const root = ref.apiVersion.includes('/') ? `/apis/${ref.apiVersion}` : `/api/${ref.apiVersion}`;
  return namespaced && namespace !== undefined
    ? `${root}/namespaces/${segment(ref, namespace)}/${plural}`
    : `${root}/${plural}`;
}

export function objectPath(ref: ObjectRef): string {
  return `${collectionPath(ref, ref.namespace)}/${segment(ref, ref.name)}`;
}

/** A name as one segment of a path. An empty one or dots would name something else: `pods/..` is the namespace. */
export function segment({ kind }: Pick<KindRef, 'kind'>, name: string): string {
  if (['', '.', '..'].includes(name)) {
    throw new Invalid({
      what: `${kind} ${JSON.stringify(name)}`,
      reason: 'this is no name of an object or namespace.',
    });
  }
  return encodeURIComponent(name);
}

function row(ref: KindRef): KindRow {
  const found: KindRow | undefined = (kinds as Record<string, KindRow>)[`${ref.apiVersion}/${ref.kind}`];
  if (!found) throw new TypeError(`kind ${ref.apiVersion}/${ref.kind} is missing in packages/kube/src/kinds.ts`);
  return found;
}
