/**
 * The states of an environment. The same words stand in the database's check constraint and in every answer of the API.
 *
 * | state        | what holds                                               | leaves to                          |
 * | pending      | the pull request is open; nothing exists outside yet      | provisioning, destroying           |
 * | provisioning | steps run for the first time, or again after a failure   | ready, failed, destroying          |
 * | ready        | everything that the wanted commit needs exists            | updating, failed, destroying       |
 * | updating     | steps run for a newer commit                             | ready, failed, destroying          |
 * | failed       | a step was refused, or a removal takes too long           | provisioning, updating, destroying, destroyed |
 * | destroying   | the pull request is closed; the ledger is walked backwards | destroyed, failed                 |
 * | destroyed    | nothing of the ledger is left                            | (final: a reopened pull request gets a new generation) |
 */
export const EnvironmentStatus = {
  PENDING: 'pending',
  PROVISIONING: 'provisioning',
  READY: 'ready',
  UPDATING: 'updating',
  DESTROYING: 'destroying',
  DESTROYED: 'destroyed',
  FAILED: 'failed',
} as const;
export type EnvironmentStatus = (typeof EnvironmentStatus)[keyof typeof EnvironmentStatus];

/** What happened to one commit in one environment. `superseded`: a newer commit came before this one was done. */
export const DeploymentStatus = {
  QUEUED: 'queued',
  IN_PROGRESS: 'in_progress',
  SUCCESS: 'success',
  FAILED: 'failed',
  SUPERSEDED: 'superseded',
} as const;
export type DeploymentStatus = (typeof DeploymentStatus)[keyof typeof DeploymentStatus];
