import type { Finding, Path } from './finding.ts';
import { defined } from './defined.ts';
import { defaults } from './defaults.ts';
import type { LooseManifest, LooseSpec } from './manifest-schema.ts';
import { quoted } from './show.ts';

/** A reference to a field of another resource, with the defaults of its place. */
export interface Reference {
  readonly kind?: string;
  readonly env?: string;
  readonly name: string;
  readonly fieldPath?: string;
}

/** The value of a reference. Undefined: nobody knows it. An empty text is a value. */
export type Resolve = (reference: Reference) => string | undefined;

interface Resolved {
  readonly manifest: LooseManifest;
  readonly findings: readonly Finding[];
}

type Written = { readonly [Key in keyof Reference]?: Reference[Key] | undefined };

/** Puts values in the place of references. Those without a value stay, and each is a finding. */
export function resolveReferences(manifest: LooseManifest, resolve: Resolve | undefined): Resolved {
  const { spec } = manifest;
  if (spec === undefined) return { manifest, findings: [] };
  const findings: Finding[] = [];
  return { manifest: { ...manifest, spec: { ...spec, ...namespaceOf(spec), ...envOf(spec) } }, findings };

  function namespaceOf({ namespace }: LooseSpec): Pick<LooseSpec, 'namespace'> {
    return namespace === undefined
      ? {}
      : { namespace: filled(namespace, ['spec', 'namespace'], defaults.namespaceReference) };
  }

  function envOf({ env }: LooseSpec): Pick<LooseSpec, 'env'> {
    if (env === undefined) return {};
    const variables = each(env.variables, ['spec', 'env', 'variables']);
    const secrets = each(env.secrets, ['spec', 'env', 'secrets']);
    return { env: { ...env, ...(variables && { variables }), ...(secrets && { secrets }) } };
  }

  function each<Held extends object>(held: Held | undefined, path: Path): Held | undefined {
    if (held === undefined) return undefined;
    if (Array.isArray(held))
      return held.map((entry: unknown, index) => filled(entry, [...path, index])) as unknown as Held;
    return Object.fromEntries(
      Object.entries(held).map(([name, entry]) => [name, filled(entry, [...path, name])]),
    ) as Held;
  }

  /** Only where the reference is the one source: several are a finding of their own, which needs to see them. */
  function filled<Entry>(entry: Entry, path: Path, placeDefaults: Partial<Reference> = {}): Entry {
    if (typeof entry !== 'object' || entry === null || !('valueFrom' in entry) || 'value' in entry) return entry;
    const from = entry.valueFrom as Written | undefined;
    if (from?.name === undefined) return entry;
    const reference = { ...placeDefaults, ...defined(from), name: from.name };
    const value = resolve?.(reference);
    if (value === undefined) {
      findings.push(unresolved(reference, [...path, 'valueFrom'], resolve !== undefined));
      return entry;
    }
    const { valueFrom: _, ...others } = entry;
    return { ...others, value } as Entry;
  }
}

function unresolved({ kind = 'resource', name, fieldPath }: Reference, path: Path, asked: boolean): Finding {
  const what = `${quoted(kind)} ${quoted(name)}${fieldPath === undefined ? '' : `, field ${quoted(fieldPath)}`}`;
  return {
    path,
    problem: `refers to ${what}, ${asked ? 'which has no value' : 'and references are not resolved here'}`,
    fix: 'Write the value itself.',
  };
}
