import type { KnownKind } from '@ephemera/kube';
import type { Part } from './part.ts';

/**
 * The order of removal. A job that is told to end removes its own builder, for which it needs its account (see `startEnding`); and what
 * pods read and write goes when they are gone.
 */
const stages: readonly (readonly KnownKind[])[] = [
  ['batch/v1/Job'],
  ['apps/v1/Deployment', 'apps/v1/StatefulSet'],
  ['v1/Pod'],
  ['v1/ConfigMap', 'v1/PersistentVolumeClaim', 'v1/Secret'],
  ['rbac.authorization.k8s.io/v1/RoleBinding', 'rbac.authorization.k8s.io/v1/Role', 'v1/ServiceAccount'],
];

/** The kinds of the stage to which these belong. Pure. */
export function kindsOf(turn: readonly Part[]): ReadonlySet<KnownKind> {
  return new Set(stages.filter((kinds) => turn.some(({ kind }) => kinds.includes(kind))).flat());
}

/** The parts whose turn it is: those of the first stage that has any. Pure. */
export function turnOf(parts: readonly Part[]): readonly Part[] {
  return stages.map((kinds) => parts.filter(({ kind }) => kinds.includes(kind))).find(({ length }) => length > 0) ?? [];
}
