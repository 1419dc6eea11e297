import { without } from '../without.ts';

/**
 * OpenAPI 3.0 says `nullable` where JSON Schema says `type: null`. The validator understands it only beside a `type`,
 * and takes `enum` literally, while GitHub means "or null" in both cases.
 */
export function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'examples')
    .map(([key, child]) => [key, normalise(child)]);
  const schema = Object.fromEntries(entries) as Record<string, unknown>;
  if (schema['nullable'] !== true) return schema;
  const { enum: values } = schema as { enum?: unknown[] };
  if (values) return { ...schema, enum: [...values, null] };
  if (schema['type'] !== undefined) return schema;
  return { anyOf: [without(schema, ['nullable']), { enum: [null] }] };
}
