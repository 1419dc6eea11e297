import { isTest, sources } from '../check/sources.ts';
import { readDefinitions, type ErrorDefinition } from './definitions.ts';

export interface Catalogue {
  /** The package, app or tool. */
  readonly owner: string;
  readonly errors: readonly ErrorDefinition[];
}

/** Every error that is declared with `defineError`, by the package that declares it. */
export async function readErrors(root: string): Promise<readonly Catalogue[]> {
  const files = await sources(
    root,
    (path) => /^(packages|apps|tools)\/[^/]+\/(src|iac)\/.*\.ts$/.test(path) && !isTest(path),
  );
  const catalogues = new Map<string, ErrorDefinition[]>();
  for (const { path, text } of files) {
    const owner = path.split('/').slice(0, 2).join('/');
    catalogues.set(owner, [...(catalogues.get(owner) ?? []), ...readDefinitions(path, text)]);
  }
  return [...catalogues]
    .filter(([, errors]) => errors.length > 0)
    .map(([owner, errors]) => ({ owner, errors: errors.toSorted((a, b) => (a.code < b.code ? -1 : 1)) }));
}
