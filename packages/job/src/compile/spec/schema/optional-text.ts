import type { z } from 'zod';
import type { Check } from '../finding.ts';
import { text, type FieldMeta } from './field.ts';

const emptyMeansUnset = new WeakSet<z.core.$ZodType>();

/**
 * A text that may be left out, which an empty text says too: that is how the original's format, and a variable of a shell that has no
 * value, say that there is none. Not for the values of variables, secrets and the like, where an empty text is one.
 */
export function optionalText(meta: FieldMeta, check?: Check) {
  const pattern = meta.pattern === undefined ? {} : { pattern: `^$|${meta.pattern}` };
  const schema = text({ ...meta, ...pattern }, check).optional();
  emptyMeansUnset.add(schema);
  return schema;
}

/** True for a field of which an empty text says that it is not set. */
export function isUnsetByEmpty(schema: z.core.$ZodType): boolean {
  return emptyMeansUnset.has(schema);
}
