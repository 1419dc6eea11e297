import type { ObjectRef } from '@ephemera/model';
import { prJobNames } from '../objects/names.ts';
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
