const longest = 64;

/** The known word that somebody probably meant, if one is near: case and underscores do not count. Pure. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > longest) return undefined;
  const plain = plainOf(word);
  const near = known
    .map((candidate) => ({ candidate, distance: distance(plain, plainOf(candidate)) }))
    .toSorted((a, b) => a.distance - b.distance)
    .at(0);
  return near !== undefined && near.distance <= Math.max(1, Math.floor((plain.length + 1) / 3))
    ? near.candidate
    : undefined;
}

function plainOf(word: string): string {
  return word.replaceAll(/[-_]/g, '').toLowerCase();
}

/** How many letters have to be added, removed, changed or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      const [left = 0, up = 0, corner = 0] = [current[column - 1], above[column], above[column - 1]];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(left + 1, up + 1, corner + change, swap));
    }
    [before, above] = [above, current];
  }
  return above.at(-1) ?? 0;
}
