export { defineError, EphemeraError, messageOf, type ErrorClass, type ErrorDefinition } from './error.ts';
export { appLabel, fieldManager, instanceLabel, labelPrefix } from './marks.ts';
export { dnsName, labelValue, shortHash } from './names.ts';
export { orAborted } from './or-aborted.ts';
export { describeRef, refText, type KubeObject, type Manifest, type ObjectMeta, type ObjectRef } from './objects.ts';
export { DeploymentStatus, EnvironmentStatus } from './status.ts';
export type { KubeEvent } from './workloads/event.ts';
export type * from './workloads/job.ts';
export type * from './workloads/pod.ts';
