/**
 * Jobs that build a pull request's image with buildx's kubernetes driver: what is made, and the functions that make, watch and remove
 * it. The objects are pure; everything that asks a cluster is in `run`.
 */
export type * from './pull-request-pod.ts';
export type * from './objects/checked-order.ts';
export {
  roleBindingObject,
  roleObject,
  serviceAccountObject,
  type AccountPlace,
  type RoleBindingObject,
  type RoleObject,
  type ServiceAccountObject,
} from './objects/account.ts';
export {
  checkJobName,
  checkName,
  checkNamespace,
  checkOrder,
  defaultActiveDeadlineSeconds,
} from './objects/check-order.ts';
export * as prJobErrors from './objects/errors.ts';
export { guardName, guardObjects, guardOwner } from './objects/guard.ts';
export { privilegedBuildersLabel } from './objects/guard-rules.ts';
export { prJobObject, requestAnnotation, type PrJobInput } from './objects/job.ts';
export {
  accountLabels,
  accountOwner,
  builderLabels,
  builderOwner,
  jobLabels,
  jobOwner,
  prNameSelector,
  type PrJobOwned,
} from './objects/labels.ts';
export {
  defaultImage,
  defaultNamespace,
  isJobNameOf,
  jobNameAt,
  longestName,
  prJobNames,
  repositorySecretName,
  type PrJobNames,
} from './objects/names.ts';
export { rulesOf, type PolicyRule } from './objects/rules.ts';
export { noDockerfileExitCode } from './objects/script.ts';
export { repositorySecret, secretKeys, type RepositorySecret, type SecretPlace } from './objects/secret.ts';
export { cleanupPrJob, type CleanupOptions } from './run/cleanup/cleanup-pr-job.ts';
export { surveyPrJobs, type SurveyedPrJob, type SurveyPlace } from './run/cleanup/survey.ts';
export { sweepPrJob, type PrJobSweep, type SweepOptions } from './run/cleanup/sweep-pr-job.ts';
export { createPrJob, type CreatedPrJob, type CreateOptions } from './run/create-job.ts';
export { ensureAccount, type AccountOrder } from './run/ensure-account.ts';
export { isInForce } from './run/guard.ts';
export {
  findNamedCluster,
  namedClusters,
  readNamedClusters,
  type NamedCluster,
  type NamedClusters,
} from './run/named-cluster.ts';
export { unguardedLabel } from './run/namespace-labels.ts';
export { prJobLogs, type PrJobLogsOptions } from './run/pr-job-logs.ts';
export type { PrJobRef } from './run/pr-job-of.ts';
export { prJobStatus } from './run/pr-job-status.ts';
export type { PrJobTarget } from './run/target.ts';
export {
  cleanupPullRequestPodJob,
  createBuildxServiceAccount,
  createPullRequestPodJob,
  getPullRequestPodJobLogs,
  getPullRequestPodJobStatus,
} from './seed.ts';
