import { z } from 'zod';
import { manifestSchema } from './manifest-schema.ts';

/** The part of a JSON Schema that says what may be null. */
interface Node {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
}

/**
 * The JSON Schema (draft 2020-12) of a manifest with camelCase keys, with descriptions and defaults, for editors and programs.
 * It accepts everything that `parseJob` accepts in that spelling; rules across fields only `parseJob` checks.
 */
export function jobSchema(): object {
  const schema = z.toJSONSchema(manifestSchema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' });
  return { title: 'KubernetesJob', ...withNulls(schema as Node) };
}

/** `env:` with nothing behind it is null to a program and not written to `parseJob`: fields that may be left out may be null. */
function withNulls(node: Node): Node {
  const { properties, required = [], items, additionalProperties, anyOf } = node;
  return {
    ...node,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, field]) => {
          const inner = withNulls(field);
          return [name, required.includes(name) ? inner : orNull(inner)];
        }),
      ),
    }),
    ...(items && { items: withNulls(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: withNulls(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map(withNulls) }),
  };
}

function orNull(node: Node): Node {
  if (node.anyOf) {
    return node.anyOf.some(({ type }) => type === 'null')
      ? node
      : { ...node, anyOf: [...node.anyOf, { type: 'null' }] };
  }
  if (typeof node.type !== 'string') return node;
  return { ...node, type: [node.type, 'null'], ...(node.enum && { enum: [...node.enum, null] }) };
}
