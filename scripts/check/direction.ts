import { posix } from 'node:path';
import { importsOf } from './imports.ts';
import { PLACES, USED_BY_TESTS, type Place } from './places.ts';
import { isTest, type Source } from './sources.ts';

/** Entry points of packages, by name: what `exports` of their package.json opens. */
export type Exports = ReadonlyMap<string, readonly string[]>;

/** Imports that go against the direction of the house. Pure. */
export function wrongImports(files: readonly Source[], exports: Exports): readonly string[] {
  return files.flatMap((file) => {
    const place = placeOf(file.path);
    return importsOf(file.text)
      .map((module) =>
        module.startsWith('.') ? wrongRelative(file, place, module) : wrongPackage(file, place, module, exports),
      )
      .filter((problem) => problem !== undefined);
  });
}

function wrongRelative(file: Source, place: Place | undefined, module: string): string | undefined {
  const target = placeOf(posix.join(posix.dirname(file.path), module));
  if (target === undefined || target === place) return undefined;
  if (target.name !== place?.name) {
    return `${file.path} imports ${module} across packages: import from '${target.name}' instead`;
  }
  // A part with stricter rules than its package must not get at the rest of that package; the rest may use the part.
  if (!isWithin(place.folder, target.folder) || isTest(file.path)) return undefined;
  return `${file.path} imports ${module}: ${place.folder} must not use the rest of ${target.folder}`;
}

function wrongPackage(file: Source, place: Place | undefined, module: string, exports: Exports): string | undefined {
  const target = PLACES.find(({ name }) => module === name || module.startsWith(`${name}/`));
  if (target === undefined) return undefined;
  const open = exports.get(target.name);
  const entry = `.${module.slice(target.name.length)}`;
  if (open !== undefined && !open.includes(entry)) {
    return `${file.path} imports ${module}, which the package does not export: it opens ${open.join(', ')}`;
  }
  if (place === undefined || place.name === target.name || place.uses.includes(target.name)) return undefined;
  if (isTest(file.path) && USED_BY_TESTS.includes(target.name)) return undefined;
  const allowed = place.uses.length === 0 ? 'nothing of this repository' : place.uses.join(', ');
  return `${file.path} imports ${module}: ${place.folder} may use ${allowed}`;
}

function placeOf(path: string): Place | undefined {
  return PLACES.find(({ folder }) => isWithin(path, folder));
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
