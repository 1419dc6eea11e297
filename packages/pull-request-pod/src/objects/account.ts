import type { KubeObject } from '@ephemera/model';
import type { RoleProfile } from '../pull-request-pod.ts';
import { accountLabels, instanceMark, type PrJobOwned } from './labels.ts';
import { prJobNames } from './names.ts';
import { rulesOf, type PolicyRule } from './rules.ts';

export interface AccountPlace extends PrJobOwned {
  readonly namespace: string;
}

export interface ServiceAccountObject extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
}

export interface RoleObject extends KubeObject {
  readonly rules: readonly PolicyRule[];
}

export interface RoleBindingObject extends KubeObject {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

const rbacGroup = 'rbac.authorization.k8s.io';

/** Its token goes into no pod by itself: the Job's pod asks for it, and a builder that runs as this account gets none. */
export function serviceAccountObject(place: AccountPlace): ServiceAccountObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(place, prJobNames(place.name).serviceAccount),
    automountServiceAccountToken: false,
  };
}

export function roleObject(place: AccountPlace, profile: RoleProfile): RoleObject {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: 'Role',
    metadata: metadataOf(place, prJobNames(place.name).role),
    rules: rulesOf(profile),
  };
}

export function roleBindingObject(place: AccountPlace): RoleBindingObject {
  const { serviceAccount, role, roleBinding } = prJobNames(place.name);
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: 'RoleBinding',
    metadata: metadataOf(place, roleBinding),
    roleRef: { apiGroup: rbacGroup, kind: 'Role', name: role },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace: place.namespace }],
  };
}

function metadataOf({ name, namespace, instance }: AccountPlace, objectName: string) {
  return { name: objectName, namespace, labels: { ...accountLabels(name), ...instanceMark(instance) } };
}
