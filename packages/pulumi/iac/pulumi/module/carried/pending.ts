import * as pulumi from '@pulumi/pulumi';

/** A value that is not known while the program runs: an output of another resource, or a promise. */
export type Pending = pulumi.Output<unknown> | Promise<unknown>;

export function isPending(value: unknown): value is Pending {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** A copy of the tree with something else at each pending value. `keys` lead to it from the root. */
export function replacePending(
  tree: unknown,
  replacement: (value: Pending, keys: readonly string[]) => unknown,
  keys: readonly string[] = [],
): unknown {
  if (isPending(tree)) return replacement(tree, keys);
  return mapChildren(tree, (child, key) => replacePending(child, replacement, [...keys, key]));
}

/** A copy of a list or an object with each child mapped; anything else as it is. A key without a value counts as left out. */
export function mapChildren(tree: unknown, map: (child: unknown, key: string) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((child, index) => map(child, String(index)));
  if (typeof tree !== 'object' || tree === null) return tree;
  const children = Object.entries(tree).filter(([, child]) => child !== undefined);
  return Object.fromEntries(children.map(([key, child]) => [key, map(child, key)]));
}
