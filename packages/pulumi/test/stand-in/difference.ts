import { isDeepStrictEqual } from 'node:util';
import type { Difference, Properties, PropertyChange } from '@ephemera/pulumi-cli/provider';

/** Settings of the provider that make contents change in place instead of by replacement. */
export interface Mutable {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

type Path = readonly (string | number)[];

/** Pure. Compares what the program asks for now with what it asked for last time, by the rules of the real provider. */
export function differenceOf(news: Properties, olds: Properties, mutable: Mutable): Difference {
  const rules = replacedFor(String(news['kind']), mutable);
  const changes = leaves(news, olds).map(({ path, kind }): [string, PropertyChange] => {
    const replaces = rules.some((rule) => rule.every((key, index) => path[index] === key));
    return [textOf(path), { kind, replaces }];
  });
  const anew = changes.some(([, { replaces }]) => replaces);
  // Two objects of one name cannot stand side by side, so the old one has to go first.
  return { changes: Object.fromEntries(changes), deleteBeforeReplace: anew && sameName(news, olds) };
}

/** The fields whose change makes the real provider replace an object. */
function replacedFor(kind: string, { configMaps, secrets }: Mutable): readonly Path[] {
  const ofKind: Readonly<Record<string, readonly string[]>> = {
    ConfigMap: configMaps ? [] : ['data', 'binaryData'],
    Secret: ['type', ...(secrets ? [] : ['data', 'stringData'])],
    Job: ['spec.completions', 'spec.parallelism', 'spec.selector', 'spec.template'],
  };
  return ['metadata.name', 'metadata.namespace', ...(ofKind[kind] ?? [])].map((path) => path.split('.'));
}

function sameName(news: Properties, olds: Properties): boolean {
  const [now, before] = [news, olds].map(({ metadata }) => metadata as Properties | undefined);
  return now?.['name'] === before?.['name'] && now?.['namespace'] === before?.['namespace'];
}

interface Leaf {
  readonly path: Path;
  readonly kind: PropertyChange['kind'];
}

function leaves(now: unknown, before: unknown, path: Path = []): readonly Leaf[] {
  if (isDeepStrictEqual(now, before)) return [];
  if (before === undefined) return [{ path, kind: 'add' }];
  if (now === undefined) return [{ path, kind: 'delete' }];
  if (!isContainer(now) || !isContainer(before) || Array.isArray(now) !== Array.isArray(before)) {
    return [{ path, kind: 'update' }];
  }
  return [...new Set([...Object.keys(now), ...Object.keys(before)])].flatMap((key) =>
    leaves(now[key], before[key], [...path, Array.isArray(now) ? Number(key) : key]),
  );
}

function isContainer(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null;
}

/** In Pulumi's notation: `spec.template.spec.containers[0].image`, `metadata.labels["a.b/c"]`. */
function textOf(path: Path): string {
  return path
    .map((key) => (typeof key === 'string' && /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
    .join('')
    .replace(/^\./, '');
}
