import type { Path } from './finding.ts';
import { isMap } from './shape.ts';

/** A copy without what stands at these paths; items of lists become undefined, so that the others keep their places. Pure. */
export function without(root: unknown, paths: readonly Path[]): unknown {
  const tree = treeOf(paths);
  return tree === 'cut' ? undefined : pruned(root, tree);
}

type Tree = Map<string | number, Tree | 'cut'>;

function treeOf(paths: readonly Path[]): Tree | 'cut' {
  const root: Tree = new Map();
  for (const path of paths) {
    if (path.length === 0) return 'cut';
    cut(root, path);
  }
  return root;
}

function cut(root: Tree, path: Path): void {
  let at = root;
  for (const [index, part] of path.entries()) {
    const below = at.get(part);
    if (below === 'cut') return;
    if (index === path.length - 1) {
      at.set(part, 'cut');
      return;
    }
    const next: Tree = below ?? new Map();
    at.set(part, next);
    at = next;
  }
}

function pruned(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => below(item, tree.get(index)));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => tree.get(key) !== 'cut')
      .map(([key, item]) => [key, below(item, tree.get(key))]),
  );
}

function below(item: unknown, tree: Tree | 'cut' | undefined): unknown {
  if (tree === 'cut') return undefined;
  return tree === undefined ? item : pruned(item, tree);
}
