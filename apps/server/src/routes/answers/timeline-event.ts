import { z } from 'zod';
import type { TimelineEvent } from '../../store/schema.ts';
import { stamp, time } from './time.ts';

export const eventAnswer = z
  .object({
    id: z.int().nonnegative(),
    environment_id: z.int().nonnegative(),
    at: time,
    kind: z
      .enum(['status', 'step', 'note'])
      .describe('A state that it entered, a step on the way there, or something that changes no state.'),
    name: z.string(),
    commit_sha: z.string(),
    message: z.string().nullable(),
  })
  .meta({ id: 'Event', description: 'One line of an environment’s timeline.' });

export function toEventAnswer(row: TimelineEvent): z.infer<typeof eventAnswer> {
  return {
    id: row.id,
    environment_id: row.environmentId,
    at: stamp(row.at),
    kind: row.kind,
    name: row.name,
    commit_sha: row.commitSha,
    message: row.message,
  };
}
