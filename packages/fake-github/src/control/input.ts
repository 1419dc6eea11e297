import { z } from 'zod';
import { BadInput } from '../errors.ts';
import { levelsOf } from '../openapi/permissions.ts';

/** What the control API takes. Unknown fields are refused: a misspelt one would silently change nothing. */

/** Half a surrogate pair is nothing that GitHub stores, and cannot stand in an address. */
export const text = z.string().refine((value) => value.isWellFormed(), 'must be well-formed Unicode');
export const login = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?$/, 'must be a login: letters, digits and hyphens, at most 39');
const repositoryName = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, 'must be letters, digits, ".", "_" and "-", at most 100');
// Branch names are hostile text on purpose: GitHub takes quotes, `$(…)` and semicolons.
const branch = text.min(1, 'must not be empty').max(255, 'must have at most 255 characters');
const path = text.regex(
  /^(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.{0,2}(?:\/|$))[^\0]+$/s,
  'must be a relative path without ".", ".." or empty parts',
);
const files = z.record(path, z.string());
const title = text.min(1, 'must not be empty').max(256, 'must have at most 256 characters');
const labels = z.array(text.min(1).max(50)).max(100);

export const repositoryInput = z.strictObject({
  owner: login,
  name: repositoryName,
  private: z.boolean().optional(),
  files: files.optional(),
});

export const openInput = z.strictObject({
  head: branch,
  base: branch.optional(),
  title: title.optional(),
  author: login.optional(),
  fork: z.boolean().optional(),
  draft: z.boolean().optional(),
  labels: labels.optional(),
  files: files.optional(),
});

export const pushInput = z.strictObject({ files: files.optional() });
export const closeInput = z.strictObject({ merge: z.boolean().optional() });
/** For calls that say all by their name. */
export const nothingInput = z.strictObject({});

export const renameInput = z.strictObject({ name: repositoryName });
export const transferInput = z.strictObject({ owner: login });
export const accountInput = z.strictObject({ owner: login });
export const commentInput = z.strictObject({ id: z.int() });

/** Right to level; `none` takes it away. */
export const permissionsInput = z.record(z.string(), z.string()).superRefine((rights, context) => {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (Object.keys(rights).length === 0) refuse([], 'must name at least one permission');
  for (const [name, level] of Object.entries(rights)) {
    const levels = levelsOf(name);
    if (levels === undefined) refuse([name], 'is not a permission that GitHub has');
    // Every App may read metadata: GitHub does not let anybody take that away.
    else if (name === 'metadata' && level === 'none') refuse([name], 'cannot be taken away');
    else if (level !== 'none' && !levels.includes(level)) refuse([name], `must be none, ${levels.join(', ')}`);
  }
});

export const editInput = z
  .strictObject({
    title: title.optional(),
    body: text.max(65_536, 'must have at most 65536 characters').optional(),
    base: branch.optional(),
    draft: z.boolean().optional(),
    labels: labels.optional(),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    message: 'must have at least one of title, body, base, draft, labels',
  });

export type RepositoryInput = z.infer<typeof repositoryInput>;
export type OpenInput = z.infer<typeof openInput>;
export type PushInput = z.infer<typeof pushInput>;
export type CloseInput = z.infer<typeof closeInput>;
export type EditInput = z.infer<typeof editInput>;

/** Parses at the door. Nothing at all counts as an empty object, for calls without a body. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new BadInput({
    problems: result.error.issues.map((issue) => ({
      path: issue.path.join('.') || '(body)',
      // The name of a field that is not allowed: why stands one level deeper.
      reason: issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message,
    })),
  });
}
