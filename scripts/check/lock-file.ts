interface Lock {
  readonly packages: Readonly<Record<string, Entry>>;
}

interface Entry {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What keeps a lock file from installing elsewhere. Pure. */
export function lockProblems(text: string): readonly string[] {
  const { packages } = JSON.parse(text) as Lock;
  const entries = Object.entries(packages);
  const bound = entries.filter(([, { resolved }]) => /^https?:/.test(resolved ?? '')).map(([path]) => path);
  // Some registries do not hold every platform's package. npm then leaves the entry out, and `npm ci` refuses everywhere.
  const missing = entries.flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter((name) => !resolves(packages, path, name)),
  );
  return [
    ...summary(bound, 'is bound to one registry by a "resolved" address: install with the .npmrc of this repository'),
    ...summary(missing, 'has no entry although another package names it, so that `npm ci` fails: add its entry'),
  ];
}

function summary(names: readonly string[], problem: string): readonly string[] {
  const [first] = names;
  if (first === undefined) return [];
  return [`package-lock.json: ${first}${names.length > 1 ? ` (and ${names.length - 1} more)` : ''} ${problem}`];
}

/** Looks as Node does: beside the package, then in each folder above. */
function resolves(packages: Lock['packages'], from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if (packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}
