import { isUtf8 } from 'node:buffer';
import type { FileEntry, SandboxPath } from '@ephemera/sandbox';
import { z } from 'zod';
import { time } from '../routes/answers/time.ts';

/** Of one file that is sent. Larger ones are for the disk of the sandbox to fetch. */
export const mostFileBytes = 4 * 1024 ** 3;

const longestPath = 4096;

const path = {
  path: z.string().max(longestPath).optional().describe('Below the work folder, or absolute.'),
  path_base64: z
    .base64()
    .max(longestPath * 2)
    .optional()
    .describe('Instead of `path`: its bytes, for a name that is no UTF-8.'),
};

export const pathQuery = z.strictObject(path);
export const writeQuery = z.strictObject({
  ...path,
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'must be permission bits such as 644')
    .optional()
    .describe('Permission bits. Default 644.'),
});
export const listQuery = z.strictObject({ ...path, recursive: z.enum(['true', 'false']).default('false') });

/** Undefined: none was given. */
export function pathOf(query: z.infer<typeof pathQuery>): SandboxPath | undefined {
  const { path: text, path_base64: bytes } = query;
  return bytes === undefined ? text : Buffer.from(bytes, 'base64');
}

export const fileAnswer = z
  .object({
    path: z.string().describe('Relative to what was listed; bytes that are no UTF-8 are U+FFFD.'),
    path_base64: z.string().optional().describe('The bytes of a name that is no UTF-8.'),
    kind: z.enum(['file', 'folder', 'link', 'other']),
    size: z.int(),
    mode: z.string().describe('Permission bits, for example 644.'),
    modified_at: time,
    target: z.string().optional().describe('Where a link leads.'),
  })
  .meta({ id: 'SandboxFile', description: 'A file, a folder or a link in a sandbox.' });

export function toFileAnswer(entry: FileEntry): z.infer<typeof fileAnswer> {
  return {
    path: entry.path,
    ...(isUtf8(entry.rawPath) ? {} : { path_base64: Buffer.from(entry.rawPath).toString('base64') }),
    kind: entry.kind,
    size: entry.size,
    mode: entry.mode.toString(8).padStart(3, '0'),
    modified_at: entry.modifiedAt,
    ...(entry.target === undefined ? {} : { target: entry.target }),
  };
}
