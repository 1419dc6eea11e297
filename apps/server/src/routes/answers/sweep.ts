import { z } from 'zod';
import type { Sweep } from '../../store/schema.ts';
import { optionalTime, stamp, time } from './time.ts';

const finding = z.object({
  kind: z
    .string()
    .describe('For example `missed_close`, `orphan_namespace`, `foreign_object`, `left_by_pr_job`, `unreadable`.'),
  subject: z.string().describe('For example `acme/shop#12`, `Namespace//pr-12-shop-…` or `pr-job builds/shop-12`.'),
  environment_id: z.int().nonnegative().nullable(),
  action: z
    .enum(['enqueued', 'removed', 'reported', 'capped'])
    .describe('`capped`: left for the next pass, as this one has removed enough.'),
  detail: z.string(),
});

export const sweepAnswer = z
  .object({
    id: z.int().nonnegative(),
    asked_by: z.enum(['schedule', 'person']),
    dry_run: z.boolean().describe('True: what it finds is only told.'),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    complete: z
      .boolean()
      .nullable()
      .describe(
        'False: something could not be read to its end, so nothing was concluded from it. Null until it is over. Of pull-request jobs only the findings `unreadable` tell it.',
      ),
    capped: z.boolean().describe('True: it would have removed more than one pass may.'),
    findings: z.array(finding),
    error: z.string().nullable(),
    asked_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
  })
  .meta({ id: 'Sweep', description: 'One pass over pull requests, namespaces and pull-request jobs.' });

export type SweepAnswer = z.infer<typeof sweepAnswer>;

export function toSweepAnswer(row: Sweep): SweepAnswer {
  return {
    id: row.id,
    asked_by: row.askedBy,
    dry_run: row.dryRun,
    state: row.state,
    complete: row.complete,
    capped: row.capped,
    findings: row.findings.map(({ kind, subject, environmentId, action, detail }) => ({
      kind,
      subject,
      environment_id: environmentId ?? null,
      action,
      detail,
    })),
    error: row.error,
    asked_at: stamp(row.askedAt),
    started_at: optionalTime(row.startedAt),
    finished_at: optionalTime(row.finishedAt),
  };
}
