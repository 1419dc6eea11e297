import { EnvironmentStatus } from '@ephemera/model';
import { z } from 'zod';
import type { Environment } from '../../store/schema.ts';
import { optionalTime, stamp, time } from './time.ts';

/** Fields are listed one by one: a new column is shown only when somebody decides so. */
export const environmentAnswer = z
  .object({
    id: z.int().nonnegative(),
    repository_id: z
      .int()
      .nonnegative()
      .describe('GitHub’s id of the repository: it stays when the repository is renamed.'),
    repository_full_name: z.string().describe('owner/name'),
    repository_name: z.string(),
    pr_number: z.int().nonnegative(),
    generation: z
      .int()
      .nonnegative()
      .describe('Counts how often the pull request was opened: each time has an environment of its own.'),
    pr_title: z.string().nullable(),
    branch_name: z.string(),
    is_fork: z.boolean(),
    commit_sha: z.string(),
    namespace: z.string(),
    host: z.string().describe('To be sent as the Host header by clients that do not resolve the name.'),
    environment_url: z.string(),
    status: z.enum(EnvironmentStatus),
    held: z.boolean().describe('Destroyed by hand: nothing brings it back but a push, a reopen or a retry.'),
    merged: z.boolean(),
    reason: z.string().nullable().describe('An error code, where something is in the way.'),
    error_message: z.string().nullable().describe('The same as a sentence.'),
    installation_id: z.int().nonnegative(),
    destroying_since: time.nullable(),
    last_deployed_at: time.nullable(),
    created_at: time,
    updated_at: time,
    destroyed_at: time.nullable(),
  })
  .meta({ id: 'Environment', description: 'The environment of one generation of a pull request.' });

export const retriedAnswer = environmentAnswer
  .extend({
    did: z
      .enum(['steps', 'removal', 'generation', 'nothing'])
      .describe(
        '`steps`: they run again. `removal`: it is tried again. `generation`: an open pull request gets a new environment. `nothing`: there is nothing that a retry could change.',
      ),
  })
  .meta({ id: 'RetriedEnvironment', description: 'The environment that was tried again, and what that led to.' });

export type EnvironmentAnswer = z.infer<typeof environmentAnswer>;

export function toEnvironmentAnswer(row: Environment): EnvironmentAnswer {
  return {
    id: row.id,
    repository_id: row.repositoryId,
    repository_full_name: row.repositoryFullName,
    repository_name: row.repositoryName,
    pr_number: row.prNumber,
    generation: row.generation,
    pr_title: row.prTitle,
    branch_name: row.branchName,
    is_fork: row.isFork,
    commit_sha: row.commitSha,
    namespace: row.namespace,
    host: row.host,
    environment_url: row.environmentUrl,
    status: row.status,
    held: row.held,
    merged: row.merged,
    reason: row.reason,
    error_message: row.errorMessage,
    installation_id: row.installationId,
    destroying_since: optionalTime(row.destroyingSince),
    last_deployed_at: optionalTime(row.lastDeployedAt),
    created_at: stamp(row.createdAt),
    updated_at: stamp(row.updatedAt),
    destroyed_at: optionalTime(row.destroyedAt),
  };
}
