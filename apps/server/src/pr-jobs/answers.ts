import type { PullRequestPodCleanup, PullRequestPodStatus } from '@ephemera/pull-request-pod';
import { z } from 'zod';
import { stamp, time } from '../routes/answers/time.ts';
import type { PrJobEvent } from '../store/schema.ts';

/** What is answered to a create, and kept to be answered again. */
export const madeJob = z.object({
  jobName: z.string(),
  serviceAccountName: z.string(),
  namespace: z.string(),
  created: z
    .boolean()
    .describe(
      'false: the same request has made it before, known by its Idempotency-Key or its token of GitHub Actions.',
    ),
  profile: z.enum(['seed', 'minimal']),
  warnings: z.array(z.string()),
});
export type MadeJob = z.infer<typeof madeJob>;

const status = z.object({
  jobName: z.string(),
  namespace: z.string(),
  name: z.string(),
  status: z.enum(['Pending', 'Running', 'Suspended', 'Complete', 'Failed']),
  succeeded: z.int(),
  failed: z.int(),
  active: z.int(),
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })),
  startTime: z.string().optional(),
  completionTime: z.string().optional(),
  diagnosis: z
    .looseObject({ code: z.string() })
    .optional()
    .describe('Why it has failed, or why its pod does not start.'),
});

const kept = z.object({ object: z.string(), because: z.string() });

/** The documented shapes: which of them it is follows from the action. */
export const prJobAnswer = z
  .union([
    z.object({ success: z.literal(true), message: z.string(), job: madeJob }),
    z.object({ success: z.literal(true), status }),
    z.object({
      success: z.literal(true),
      message: z.string(),
      removed: z.array(z.string()).describe('kind/namespace/name of what was there and is gone.'),
      kept: z.array(kept).describe('What looks like it and is somebody else’s.'),
    }),
  ])
  .meta({ id: 'PrJobAnswer', description: 'What came of a create, of a status or of a cleanup.' });

export type PrJobAnswer = z.infer<typeof prJobAnswer>;

export function toCreateAnswer(job: MadeJob): PrJobAnswer {
  const message = job.created ? `Created ${job.jobName}.` : `${job.jobName} was created before by the same request.`;
  return { success: true, message, job };
}

export function toStatusAnswer(found: PullRequestPodStatus): PrJobAnswer {
  return { success: true, status: { ...found, conditions: [...found.conditions] } as z.infer<typeof status> };
}

export function toCleanupAnswer(name: string, { removed, kept: others }: PullRequestPodCleanup): PrJobAnswer {
  const message =
    removed.length === 0
      ? `There was nothing of ${name} to clean up.`
      : `Cleaned up ${name}: ${removed.length} objects.`;
  return { success: true, message, removed: [...removed], kept: [...others] };
}

export const prJobEventAnswer = z
  .object({
    id: z.int().nonnegative(),
    at: time,
    caller: z.string(),
    action: z.enum(['create', 'status', 'logs', 'cleanup', 'sweep']),
    outcome: z.enum(['done', 'refused', 'failed']),
    cluster: z
      .string()
      .describe(
        'Empty: the cluster of the server. Else the name that the caller used; of the sweep `uid:` and the UID of its namespace kube-system, or its address.',
      ),
    namespace: z.string(),
    name: z.string(),
    job_name: z.string().nullable(),
    repository_id: z.int().nullable(),
    code: z.string().nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: 'PrJobEvent', description: 'Who asked for what, and what became of it.' });

export function toPrJobEventAnswer(row: PrJobEvent): z.infer<typeof prJobEventAnswer> {
  return {
    id: row.id,
    at: stamp(row.at),
    caller: row.caller,
    action: row.action,
    outcome: row.outcome,
    cluster: row.clusterName ?? row.cluster,
    namespace: row.namespace,
    name: row.name,
    job_name: row.jobName,
    repository_id: row.repositoryId,
    code: row.code,
    message: row.message,
  };
}
