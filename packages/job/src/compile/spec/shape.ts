import { z } from 'zod';

/** How a part of the manifest is built, as far as its keys go. */
export type Shape =
  | { readonly is: 'object'; readonly fields: Readonly<Record<string, z.core.$ZodType>> }
  | { readonly is: 'map'; readonly value: z.core.$ZodType }
  | { readonly is: 'list'; readonly item: z.core.$ZodType }
  | { readonly is: 'value' };

/** The shape of a schema for this value: where a schema offers several, a list gets the list and a map the map. Pure. */
export function shapeFor(schema: z.core.$ZodType, value: unknown): Shape {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) return { is: 'object', fields: inner.shape };
  if (inner instanceof z.ZodRecord) return { is: 'map', value: inner.valueType };
  if (inner instanceof z.ZodArray) return { is: 'list', item: inner.element };
  if (!(inner instanceof z.ZodUnion)) return { is: 'value' };
  const shapes = inner.options.map((option) => shapeFor(option, value));
  return (
    shapes.find(({ is }) => (Array.isArray(value) ? is === 'list' : is === 'object' || is === 'map')) ?? { is: 'value' }
  );
}

/** True where null is a value of its own and not just a key without one. */
export function takesNull(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodNullable) return true;
  return schema instanceof z.ZodOptional && takesNull(schema.unwrap());
}

/** The schema without the layers that say that it may be missing. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? unwrapped(schema.unwrap()) : schema;
}

/** The words of the schema about itself. */
export function describe(schema: z.core.$ZodType): Readonly<Record<string, unknown>> {
  const own = z.globalRegistry.get(schema);
  if (own !== undefined) return own;
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? describe(schema.unwrap()) : {};
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map as YAML and JSON make them: not a list, not an instance of a class. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
