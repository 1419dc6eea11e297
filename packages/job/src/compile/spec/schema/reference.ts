import { z } from 'zod';
import { notEmpty } from '../checks/names.ts';
import { object, text, type FieldMeta } from './field.ts';
import { optionalText } from './optional-text.ts';

/** A value of another resource, resolved before anything is compiled. */
export function reference(kindDefault?: string, fieldPathDefault?: string) {
  return object(
    {
      kind: optionalText({
        description: 'Kind of the other resource.',
        ...(kindDefault !== undefined && { default: kindDefault }),
      }),
      env: optionalText({ description: 'Environment of the other resource.' }),
      name: text({ description: 'Name of the other resource.', minLength: 1 }, notEmpty),
      fieldPath: optionalText({
        description: 'Field of the other resource, for example status.outputs.endpoint.',
        ...(fieldPathDefault !== undefined && { default: fieldPathDefault }),
      }),
    },
    { description: 'Takes the value from another resource.' },
  );
}

/** A bare text, `{ value }` or `{ valueFrom }`. Rules check that one of the two is set. */
export function textOrReference(meta: FieldMeta, from: ReturnType<typeof reference>) {
  return z
    .union([
      z.string(),
      object(
        { value: text({ description: 'The text itself.' }).optional(), valueFrom: from.optional() },
        { description: 'Exactly one of value and valueFrom.' },
      ),
    ])
    .meta({ ...meta });
}
