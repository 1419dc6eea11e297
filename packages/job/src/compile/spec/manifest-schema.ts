import { z } from 'zod';
import type { Loose } from './loose.ts';
import { object, oneOf } from './schema/field.ts';
import { metadata } from './schema/metadata.ts';
import { spec } from './schema/spec.ts';

/**
 * The manifest as users write it, with camelCase keys. It says what type everything has; rules say what goes together.
 * The JSON Schema, the type and the generated reference all come from here.
 */
export const manifestSchema = object(
  {
    apiVersion: oneOf(['kubernetes.project-planton.org/v1', 'kubernetes.openmcf.org/v1', 'kubernetes.planton.dev/v1'], {
      description: 'Version of the format. The second and third are later names of the first.',
    }),
    kind: oneOf(['KubernetesJob'], { description: 'Always KubernetesJob.' }),
    metadata,
    spec,
    status: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What a cluster once answered. Not read.' })
      .optional(),
  },
  {
    description:
      'A job on Kubernetes. Keys may also be written in snake_case, which an editor with this schema does not know.',
  },
);

/** What users write. Everything that has a default is optional. */
export type KubernetesJobManifest = DeepReadonly<z.input<typeof manifestSchema>>;

/** A manifest that the schema accepts. */
export type CheckedManifest = DeepReadonly<z.output<typeof manifestSchema>>;

/** What of a manifest has the right type. */
export type LooseManifest = Loose<CheckedManifest>;
export type LooseSpec = NonNullable<LooseManifest['spec']>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
