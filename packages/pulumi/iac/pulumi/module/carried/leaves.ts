import { OutputNotAllowed } from '../errors.ts';
import { word } from '../quoted.ts';
import { replacePending, type Pending } from './pending.ts';
import { volumeOf, withSharedSources } from './volume-sources.ts';

/** One place of the arguments whose value is not known yet. */
export interface Leaf {
  /** For example `spec.image.tag`. */
  readonly path: string;
  readonly value: Pending;
  /** Text by which the leaf is found again in what is compiled. Its own, but for the names of sources of one volume, which share one. */
  readonly token: string;
  /** A legal value for the place; it contains the token. */
  readonly standIn: string;
}

/** Arguments with pending values in them, which are the leaves. */
export interface Template {
  readonly args: unknown;
  readonly leaves: readonly Leaf[];
}

/** Where an output may stand: values that pass through the compiler as text. `*` is any key, `|` divides alternatives. */
const ALLOWED = [
  'dockerConfigJson',
  'spec.namespace',
  'spec.serviceAccountName',
  'spec.image.repo|tag|pullSecretName',
  'spec.command|args.*',
  'spec.env.variables.*.value',
  'spec.env.variables.*.configMapKeyRef.name',
  'spec.env.secrets.*.value',
  'spec.env.secrets.*.secretRef.name',
  'spec.env.envFrom.*.configMapRef|secretRef.name',
  'spec.configMaps.*',
  'spec.volumeMounts.*.configMap|secret.name',
  'spec.volumeMounts.*.pvc.claimName',
  'spec.initContainers.*.image.repo|tag|pullSecretName',
  'spec.initContainers.*.command|args.*',
].map((pattern) => pattern.split('.').map((part) => part.split('|')));

/** Throws `OutputNotAllowed` with all paths at which an output would decide which objects there are. */
export function templateOf(given: unknown): Template {
  const args = withSharedSources(given);
  const wrong: string[] = [];
  const plain = replacePending(args, (_, keys) => {
    if (!ALLOWED.some((pattern) => matches(keys, pattern))) wrong.push(pathOf(keys));
    return null;
  });
  if (wrong.length > 0) throw new OutputNotAllowed({ paths: wrong });

  const tokenOf = tokensBeside(JSON.stringify(plain));
  const leaves: Leaf[] = [];
  replacePending(args, (value, keys) => {
    const path = pathOf(keys);
    const token = tokenOf(volumeOf(args, keys) ?? path);
    leaves.push({ path, value, token, standIn: standInFor(keys, token, plain) });
    return null;
  });
  return { args, leaves };
}

/** The arguments with the values that are known, by path, and stand-ins in the other places. */
export function filled({ args, leaves }: Template, known: ReadonlyMap<string, unknown>): unknown {
  const standIns = new Map(leaves.map(({ path, standIn }) => [path, standIn]));
  return replacePending(args, (_, keys) => {
    const path = pathOf(keys);
    return known.has(path) ? known.get(path) : standIns.get(path);
  });
}

function matches(keys: readonly string[], pattern: readonly (readonly string[])[]): boolean {
  return (
    keys.length === pattern.length &&
    pattern.every((part, index) => part.includes('*') || part.includes(keys[index] ?? ''))
  );
}

/** As the compiler writes paths: `spec.command[0]`. */
function pathOf(keys: readonly string[]): string {
  return keys
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${word(key)}`))
    .join('')
    .slice(1);
}

/** Legal as a name, as an image, as a tag; never part of another token or of the text beside it. */
function tokensBeside(text: string): (place: string) => string {
  let mark = 'output';
  while (text.includes(mark)) mark += 'x';
  const known = new Map<string, string>();
  return (place) => {
    const token = known.get(place) ?? `${mark}-${known.size + 1}-pending`;
    known.set(place, token);
    return token;
  };
}

const anyDigest = `sha256:${'0'.repeat(64)}`;

function standInFor(keys: readonly string[], token: string, plain: unknown): string {
  if (keys.at(-1) === 'dockerConfigJson') return JSON.stringify({ auths: { [token]: {} } });
  // Without a tag the repository must carry a digest: `repoDigest` of a built image does.
  if (keys.at(-1) === 'repo' && !hasTag(keys.slice(0, -1), plain)) return `${token}@${anyDigest}`;
  return token;
}

/** The key is there also where the tag itself is an output. */
function hasTag(keys: readonly string[], plain: unknown): boolean {
  const image = keys.reduce<unknown>((tree, key) => (tree as Record<string, unknown> | undefined)?.[key], plain);
  return typeof image === 'object' && image !== null && 'tag' in image;
}
