import { z } from 'zod';
import type { Check } from '../finding.ts';
import { quantityOf, quantityPattern } from '../quantity.ts';

/** What the JSON Schema and the reference say about a field. Every field has a description. */
export interface FieldMeta {
  readonly description: string;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly examples?: readonly unknown[];
}

/** A text; `check` says what else it has to be. Its problem does not stop the checks of anything else. */
export function text(meta: FieldMeta, check?: Check) {
  const schema = check === undefined ? z.string() : z.string().superRefine(reporting(check));
  return schema.meta({ ...meta });
}

/** A whole number between two bounds, both included. */
export function wholeNumber(least: number, most: number, meta: FieldMeta, hint = '') {
  return bounded(least, most, hint).meta({ ...meta, type: 'integer', minimum: least, maximum: most });
}

/** The same, or null, which says that it is left out. */
export function wholeNumberOrNull(least: number, most: number, meta: FieldMeta) {
  return bounded(least, most, '')
    .meta({ type: 'integer', minimum: least, maximum: most })
    .nullable()
    .meta({ ...meta });
}

function bounded(least: number, most: number, hint: string) {
  return z.number().superRefine((value, context) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    const problem = Number.isInteger(value) ? `is not between ${least} and ${most}` : 'is not a whole number';
    report(context, { problem, fix: `Write a whole number from ${least} to ${most}.${hint}` });
  });
}

export function flag(meta: FieldMeta) {
  return z.boolean().meta({ ...meta });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values, meta: FieldMeta) {
  return z.enum(values).meta({ ...meta });
}

/** As Kubernetes writes it. A number without a unit may stand without quotes. */
export function quantity(meta: FieldMeta) {
  return z
    .union([z.string().meta({ pattern: quantityPattern }), z.number().meta({ minimum: 0 })])
    .superRefine((value, context) => {
      if (quantityOf(String(value)) !== undefined) return;
      report(context, {
        problem: 'is not a quantity',
        fix: 'Write for example 500m or 2 for CPU, and 256Mi or 1Gi for memory.',
      });
    })
    .meta({ ...meta });
}

export function list<Item extends z.ZodType>(item: Item, meta: FieldMeta) {
  return z.array(item).meta({ ...meta });
}

/** A map with keys of the user's. `keyPattern` is for editors; rules check the keys. */
export function map<Value extends z.ZodType>(value: Value, meta: FieldMeta, keyPattern?: string) {
  return z
    .record(z.string(), value)
    .meta({ ...meta, ...(keyPattern !== undefined && { propertyNames: { pattern: keyPattern } }) });
}

/** An object with known keys. */
export function object<Fields extends z.ZodRawShape>(fields: Fields, meta: FieldMeta) {
  return z.strictObject(fields).meta({ ...meta });
}

function reporting(check: Check) {
  return (value: string, context: z.RefinementCtx) => {
    const wrong = check(value);
    if (wrong !== undefined) report(context, wrong);
  };
}

function report(context: z.RefinementCtx, { problem, fix }: { problem: string; fix: string }): void {
  context.addIssue({ code: 'custom', message: problem, params: { fix } });
}
