import type { Cluster } from '@ephemera/kube';
import type { KubeObject, ObjectRef } from '@ephemera/model';
import { prJobNames } from '../objects/names.ts';
import { atOnce } from './at-once.ts';
import type { PrJobTarget } from './target.ts';

const rbac = 'rbac.authorization.k8s.io/v1';

/** The account of a name, in the order in which it is made. */
export function accountRefs({ name, namespace }: PrJobTarget): readonly [ObjectRef, ObjectRef, ObjectRef] {
  const names = prJobNames(name);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: names.serviceAccount },
    { apiVersion: rbac, kind: 'Role', namespace, name: names.role },
    { apiVersion: rbac, kind: 'RoleBinding', namespace, name: names.roleBinding },
  ];
}

/** ServiceAccount, Role and RoleBinding, each where it is there; whoever they belong to. */
export type FoundAccount = readonly (KubeObject | undefined)[];

export function readAccount(cluster: Cluster, target: PrJobTarget, signal?: AbortSignal): Promise<FoundAccount> {
  return atOnce(accountRefs(target).map((ref) => cluster.get(ref, signal)));
}
