import { EphemeraError } from '@ephemera/model';
import type { SandboxInfo } from '@ephemera/sandbox';
import { z } from 'zod';
import { problem } from '../routes/answers/problem.ts';
import { time } from '../routes/answers/time.ts';
import { errorAnswer } from '../http-errors.ts';
import type { SandboxRow } from '../store/schema.ts';

export const sandboxAnswer = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    image: z.string(),
    namespace: z.string(),
    state: z.enum(['starting', 'running', 'ended']),
    reason: z.string().nullable().describe('Why it ended, or does not start.'),
    ended: problem.nullable().describe('Why it can no longer be reached, as the error that every other call has.'),
    idle_timeout_ms: z.int().nullable(),
    created_at: time,
    expires_at: time,
    metadata: z.record(z.string(), z.string()),
    created: z.boolean().optional().describe('Of a create: false, where the same request had made it before.'),
  })
  .meta({ id: 'Sandbox', description: 'A short-lived container to run commands in.' });

export type SandboxAnswer = z.infer<typeof sandboxAnswer>;

/** Pure. */
/** The cluster says that a pod runs some time after its runner has answered. Pure. */
export function onceReady(info: SandboxInfo): SandboxInfo {
  return info.state === 'starting' ? { ...info, state: 'running' } : info;
}

export function toSandboxAnswer(info: SandboxInfo, verdict?: Error): SandboxAnswer {
  return {
    id: info.id,
    name: info.name ?? null,
    image: info.image,
    namespace: info.namespace,
    state: info.state,
    reason: info.reason ?? null,
    ended: verdict instanceof EphemeraError ? (errorAnswer(verdict).body as z.infer<typeof problem>) : null,
    idle_timeout_ms: info.idleTimeoutMs ?? null,
    created_at: info.createdAt,
    expires_at: info.expiresAt,
    metadata: { ...info.metadata },
  };
}

/** What the database knows of one that is being made. Pure. */
export function startingInfo(row: SandboxRow): SandboxInfo {
  return {
    id: row.id,
    ...(row.name === null ? {} : { name: row.name }),
    image: row.image,
    namespace: row.namespace,
    state: 'starting',
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    metadata: {},
  };
}
