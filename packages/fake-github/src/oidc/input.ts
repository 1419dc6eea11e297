import { z } from 'zod';
import { login, text } from '../control/input.ts';

const longestLifeSeconds = 86_400;

/** What `POST /_control/repositories/OWNER/NAME/runs` takes. */
export const workflowRunInput = z.strictObject({
  event: z
    .string()
    .regex(/^[a-z_]{1,64}$/, 'must be an event of workflows, as in pull_request')
    .optional(),
  actor: login.optional(),
  ref: text
    .regex(/^refs\//, 'must begin with refs/, as in refs/heads/main')
    .max(300)
    .optional(),
  lifetimeSeconds: z.int().min(-longestLifeSeconds).max(longestLifeSeconds).optional(),
  claims: z.record(z.string(), z.json()).optional(),
});

/** What `POST /_control/oidc/rotate` takes. */
export const rotateInput = z.strictObject({ forget: z.boolean().optional() });

export type WorkflowRunInput = z.infer<typeof workflowRunInput>;
export type RotateInput = z.infer<typeof rotateInput>;
