export type { ApplyOptions } from './apply.ts';
export { connectCluster, type Cluster } from './cluster.ts';
export * as kubeErrors from './errors.ts';
export { refOf } from './get.ts';
export { isNamespaced, kindRef, knownKinds, type KnownKind } from './kinds.ts';
export { expandHome, findAccess, type AccessOptions, type ClusterAccess } from './kubeconfig.ts';
export type { Owner } from './ownership.ts';
export type { Removal } from './remove.ts';
export type { Change } from './watch.ts';
