import { DeploymentStatus } from '@ephemera/model';
import { z } from 'zod';
import type { Deployment } from '../../store/schema.ts';
import { optionalTime, stamp, time } from './time.ts';

export const deploymentAnswer = z
  .object({
    id: z.int().nonnegative(),
    environment_id: z.int().nonnegative(),
    commit_sha: z.string(),
    commit_message: z.string().nullable(),
    status: z.enum(DeploymentStatus),
    started_at: time.nullable(),
    completed_at: time.nullable(),
    error_message: z.string().nullable(),
    logs: z.string().nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Deployment', description: 'One commit on its way into an environment.' });

export function toDeploymentAnswer(row: Deployment): z.infer<typeof deploymentAnswer> {
  return {
    id: row.id,
    environment_id: row.environmentId,
    commit_sha: row.commitSha,
    commit_message: row.commitMessage,
    status: row.status,
    started_at: optionalTime(row.startedAt),
    completed_at: optionalTime(row.completedAt),
    error_message: row.errorMessage,
    logs: row.logs,
    created_at: stamp(row.createdAt),
    updated_at: stamp(row.updatedAt),
  };
}
