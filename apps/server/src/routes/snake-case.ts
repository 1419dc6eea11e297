/** The names of an answer: `repositoryFullName` → `repository_full_name`. One level deep, as rows are. */
export function snakeCase(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}
