import type { Schema } from './plugin-host.ts';

/** As far as fields are read from it. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly $ref?: string;
}

/** The paths of all fields that a JSON Schema knows, for example `spec.volumeMounts[].name`. Keys of maps are no fields. */
export function fieldsOf(schema: object, types: Schema['types'] = {}): readonly string[] {
  return [...new Set(pathsOf(schema, '', types))].toSorted();
}

function pathsOf(node: Node, path: string, types: Schema['types']): readonly string[] {
  const { properties = {}, items, anyOf = [], $ref } = node;
  const own = Object.entries(properties).flatMap(([key, child]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return [below, ...pathsOf(child, below, types)];
  });
  const referred = $ref === undefined ? undefined : types[$ref.replace('#/types/', '')];
  return [
    ...own,
    ...(items === undefined ? [] : pathsOf(items, `${path}[]`, types)),
    ...anyOf.flatMap((branch) => pathsOf(branch, path, types)),
    ...(referred === undefined ? [] : pathsOf(referred as Node, path, types)),
  ];
}
