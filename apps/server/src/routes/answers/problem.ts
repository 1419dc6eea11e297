import { z } from 'zod';

/** The one error shape of every answer; `http-errors.ts` makes it. */
export const problem = z
  .object({
    error: z.string().describe('A sentence for people.'),
    code: z.string().describe('For programs, and stable. All codes: docs/reference/errors.md.'),
    hint: z.string().optional().describe('What to do about it.'),
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
    details: z.record(z.string(), z.unknown()).optional().describe('The values that the sentence was made of.'),
  })
  .meta({ id: 'Problem', description: 'What went wrong.' });
