import { z } from 'zod';

/**
 * A backup is gzip'd lines of JSON: a header, then for each table its mark and its rows, then the end with what was counted.
 * Marks are arrays and rows are objects, so that a row can be passed on as the text that PostgreSQL made of it: nothing is lost on the
 * way through JavaScript's numbers and dates.
 */
export const formatVersion = 1;

const header = z.object({
  format: z.number(),
  /** The migrations that the tables have seen, in their order. */
  migrations: z.array(z.string()).min(1),
  instance: z.string().nullable(),
  createdAt: z.iso.datetime(),
});

const counts = z.record(z.string(), z.number());

const sequence = z.object({ name: z.string(), value: z.string().regex(/^\d+$/), called: z.boolean() });

const end = z.object({ rows: counts, sequences: z.array(sequence) });

const mark = z.union([
  z.tuple([z.literal('ephemera-backup'), header]),
  z.tuple([z.literal('table'), z.string()]),
  z.tuple([z.literal('end'), end]),
]);

export type Header = z.infer<typeof header>;
export type End = z.infer<typeof end>;
export type SequenceState = z.infer<typeof sequence>;

export type Line =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'row'; readonly text: string }
  | { readonly kind: 'end'; readonly end: End };

export const headerLine = (value: Header): string => JSON.stringify(['ephemera-backup', value]);
export const tableLine = (table: string): string => JSON.stringify(['table', table]);
export const endLine = (value: End): string => JSON.stringify(['end', value]);

/** What a line says, or undefined for what no backup holds. Rows are not looked into. Pure. */
export function readLine(text: string): Line | undefined {
  if (text.startsWith('{')) return { kind: 'row', text };
  const parsed = mark.safeParse(parse(text));
  if (!parsed.success) return undefined;
  const found = parsed.data;
  if (found[0] === 'ephemera-backup') return { kind: 'header', header: found[1] };
  return found[0] === 'table' ? { kind: 'table', table: found[1] } : { kind: 'end', end: found[1] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
