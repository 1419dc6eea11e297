/**
 * The packages that the given ones need, themselves included, out of what `apt-cache depends --recurse` prints: a package at the start
 * of a line, and below it, indented, what it depends on. A virtual package stands in angle brackets, with its providers below; those
 * and all alternatives are taken. What is left out is not followed either. Sorted. Pure.
 */
export function closureOf(graph: string, packages: readonly string[], leftOut: readonly string[]): string[] {
  const needs = readGraph(graph);
  const found = new Set<string>();
  const open = [...packages];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name) || leftOut.includes(name)) continue;
    found.add(name);
    open.push(...(needs.get(name) ?? []));
  }
  return [...found].toSorted();
}

function readGraph(graph: string): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of graph.split('\n')) {
    const [, indent = '', name] = /^( *\|?(?:PreDepends: |Depends: )?| +)([a-z0-9][a-z0-9.+-]*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (indent === '') needs.set(name, (current = []));
    else current.push(name);
  }
  return needs;
}
