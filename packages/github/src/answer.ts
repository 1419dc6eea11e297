import type { z } from 'zod';
import { GitHubIncomplete, GitHubInvalid } from './errors.ts';

/** What GitHub answered, if it has the shape that its API promises. `what` completes the sentence "while …". */
export function checked<Shape>(what: string, schema: z.ZodType<Shape>, data: unknown): Shape {
  // Octokit hands out text where JSON could not be read to its end.
  if (typeof data === 'string') throw new GitHubIncomplete({ what, reason: 'it is not JSON, or was cut off' });
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new GitHubInvalid({ what, reason: `its answer is not what the API promises (${parsed.error.message})` });
}
