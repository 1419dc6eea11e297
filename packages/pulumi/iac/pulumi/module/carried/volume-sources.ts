import { isPending } from './pending.ts';

/** The sources whose name may be an output, and the field that holds it. */
const NAMES: Readonly<Record<string, string>> = { configMap: 'name', secret: 'name', pvc: 'claimName' };

type Tree = Readonly<Record<string, unknown>>;

/**
 * Which volume the name of a source belongs to: mounts of one name and kind share it, and the compiler refuses them when their sources
 * differ. Undefined for any other place.
 */
export function volumeOf(args: unknown, keys: readonly string[]): string | undefined {
  const [spec, mounts, index = '', kind = '', field] = keys;
  if (spec !== 'spec' || mounts !== 'volumeMounts' || NAMES[kind] !== field) return undefined;
  return keyOf(mountsOf(args)[Number(index)], kind);
}

/**
 * The arguments with every name of a shared source pending, where one of them is: whether a plain name beside it is the same shows
 * only when the other is known.
 */
export function withSharedSources(args: unknown): unknown {
  const mounts = mountsOf(args);
  const pending = new Set(
    mounts.flatMap((mount) =>
      sourcesOf(mount).flatMap(({ kind, name }) => (isPending(name) ? [keyOf(mount, kind)] : [])),
    ),
  );
  if (pending.size === 0) return args;
  const shared = mounts.map((mount) =>
    sourcesOf(mount).reduce<unknown>((changed, { kind, name, source, field }) => {
      if (typeof name !== 'string' || !pending.has(keyOf(mount, kind))) return changed;
      return { ...(changed as Tree), [kind]: { ...source, [field]: Promise.resolve(name) } };
    }, mount),
  );
  const { spec } = args as { spec: Tree };
  return { ...(args as Tree), spec: { ...spec, volumeMounts: shared } };
}

function mountsOf(args: unknown): readonly unknown[] {
  const mounts = (args as { spec?: { volumeMounts?: unknown } | null } | null)?.spec?.volumeMounts;
  return Array.isArray(mounts) ? mounts : [];
}

function sourcesOf(mount: unknown) {
  if (!isTree(mount)) return [];
  return Object.entries(NAMES).flatMap(([kind, field]) => {
    const source = mount[kind];
    return isTree(source) ? [{ kind, field, source, name: source[field] }] : [];
  });
}

function keyOf(mount: unknown, kind: string): string {
  return JSON.stringify([(mount as Tree)['name'], kind]);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !isPending(value);
}
