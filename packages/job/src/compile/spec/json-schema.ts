import { z } from 'zod';
import { manifestSchema } from './manifest-schema.ts';

/**
 * The JSON Schema (draft 2020-12) of a manifest with camelCase keys, with descriptions and defaults, for editors and programs.
 * It accepts everything that `parseJob` accepts in that spelling; rules across fields only `parseJob` checks.
 */
export function jobSchema(): object {
  return {
    title: 'KubernetesJob',
    ...z.toJSONSchema(manifestSchema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' }),
  };
}
