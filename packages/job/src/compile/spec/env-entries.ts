import type { Path } from './finding.ts';
import type { Loose } from './loose.ts';
import type { CheckedManifest } from './manifest-schema.ts';

type Env = NonNullable<CheckedManifest['spec']['env']>;
type ListItem<Held> = Held extends readonly (infer Item)[] ? Item : never;

export type VariableSource = Omit<Loose<ListItem<NonNullable<Env['variables']>>>, 'name'>;
export type SecretSource = Omit<Loose<ListItem<NonNullable<Env['secrets']>>>, 'name'>;

/** One variable or secret, whichever form it was written in. */
export interface EnvEntry<Source> {
  readonly path: Path;
  /** Where the name is written. */
  readonly namePath: Path;
  readonly name: string | undefined;
  readonly source: Source;
}

export const variablesPath: Path = ['spec', 'env', 'variables'];

type Held<Source> =
  | { readonly [name: string]: string | Source | undefined }
  | readonly (({ readonly name?: string | undefined } & Source) | undefined)[]
  | undefined;

/** The entries of both forms: those of a map sorted by name, those of a list as they stand, since `$(NAME)` refers back. */
export function envEntries<Source extends object>(held: Held<Source>, base: Path): EnvEntry<Source>[] {
  if (isList(held)) {
    return held.flatMap((entry, index) => {
      if (entry === undefined) return [];
      const path = [...base, index];
      return [{ path, namePath: [...path, 'name'], name: entry.name, source: entry }];
    });
  }
  return Object.entries(held ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, entry]) => {
      if (entry === undefined) return [];
      const path = [...base, name];
      return [
        {
          path,
          namePath: path,
          name,
          source: typeof entry === 'string' ? ({ value: entry } as unknown as Source) : entry,
        },
      ];
    });
}

function isList<Source>(
  held: Held<Source>,
): held is readonly (({ readonly name?: string | undefined } & Source) | undefined)[] {
  return Array.isArray(held);
}
