import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Package {
  readonly name: string;
  readonly version: string;
}

interface PackageFile extends Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** Says whether and which plugin an SDK belongs to. */
  readonly pulumi?: { readonly resource?: boolean; readonly name?: string; readonly version?: string };
}

/** The direct dependencies of the program in a folder, as far as they are installed. */
export function installedPackages(folder: string): readonly PackageFile[] {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return [];
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as PackageFile;
  const find = createRequire(file);
  return Object.keys({ ...dependencies, ...devDependencies }).flatMap((name) => {
    try {
      return [find(`${name}/package.json`) as PackageFile];
    } catch {
      // Not installed, or a package that keeps its package.json to itself; an SDK of Pulumi does neither.
      return [];
    }
  });
}

/** The provider plugins that a program needs: those of the SDKs among its dependencies. */
export function pulumiPlugins(folder: string): readonly Package[] {
  return installedPackages(folder)
    .filter(({ pulumi }) => pulumi?.resource === true)
    .map(({ name, version, pulumi }) => ({
      name: pulumi?.name ?? name.replace(/^@pulumi\//, ''),
      version: pulumi?.version ?? version,
    }));
}
