import { normalPath } from '../checks/paths.ts';
import { exactlyOne, present } from '../exactly-one.ts';
import type { Finding, Path } from '../finding.ts';
import { entriesOf } from '../loose.ts';
import type { LooseManifest, LooseSpec } from '../manifest-schema.ts';
import { pathText } from '../show.ts';
import { keyOfOurs } from './config-map-key.ts';

type Mount = NonNullable<NonNullable<LooseSpec['volumeMounts']>[number]>;

const sources = ['configMap', 'secret', 'hostPath', 'emptyDir', 'pvc'] as const;
const base: Path = ['spec', 'volumeMounts'];

export function volumeMountRules({ spec }: LooseManifest): Finding[] {
  const mounts = (spec?.volumeMounts ?? []).flatMap((mount, index) =>
    mount === undefined ? [] : [{ mount, path: [...base, index] }],
  );
  return [
    ...mounts.flatMap(({ mount, path }) => [...oneSource(mount, path), ...pathWithoutKey(mount, path)]),
    ...mounts.flatMap(({ mount, path }) => configMapKey(mount, path, spec?.configMaps)),
    ...samePaths(mounts),
    ...sameNames(mounts),
  ];
}

interface Placed {
  readonly mount: Mount;
  readonly path: Path;
}

function oneSource(mount: Mount, path: Path): Finding[] {
  return exactlyOne(path, mount, sources).map((finding) =>
    finding.ifWhole === undefined ? finding : { ...finding, fix: `${finding.fix} An empty folder is emptyDir: {}.` },
  );
}

function pathWithoutKey(mount: Mount, path: Path): Finding[] {
  return (['configMap', 'secret'] as const)
    .filter((kind) => mount[kind]?.path !== undefined && mount[kind].key === undefined)
    .map((kind) => ({
      path: [...path, kind, 'key'],
      problem: 'is missing, and path is the file of one key',
      fix: 'Add the key, or leave path out: the keys are then the names of the files.',
      ifWhole: true as const,
    }));
}

function configMapKey({ configMap = {} }: Mount, path: Path, ours: LooseSpec['configMaps']): Finding[] {
  const fix = `Write key: ${configMap.name ?? ''} and the file name as path, or leave key out.`;
  return keyOfOurs(configMap, { path: [...path, 'configMap', 'key'], fix, ours });
}

function samePaths(mounts: readonly Placed[]): Finding[] {
  const seen = new Map<string, Path>();
  return mounts.flatMap(({ mount, path }) => {
    if (mount.mountPath === undefined) return [];
    const place = normalPath(mount.mountPath);
    const first = seen.get(place);
    if (first === undefined) {
      seen.set(place, path);
      return [];
    }
    return [
      {
        path: [...path, 'mountPath'],
        problem: `is where ${pathText(first)} is mounted too`,
        fix: 'Give each mount a path of its own.',
      },
    ];
  });
}

/** Mounts of one name share a volume, so they have to say the same about it. */
function sameNames(mounts: readonly Placed[]): Finding[] {
  const seen = new Map<string, { readonly path: Path; readonly source: string }>();
  return mounts.flatMap(({ mount, path }) => {
    const source = sourceText(mount);
    if (mount.name === undefined || source === undefined) return [];
    const first = seen.get(mount.name);
    if (first === undefined) {
      seen.set(mount.name, { path, source });
      return [];
    }
    if (first.source === source) return [];
    return [
      {
        path: [...path, 'name'],
        problem: `is the name of ${pathText(first.path)} too, which has another source`,
        fix: 'Rename one of the two; mounts share a volume only if their sources are equal.',
      },
    ];
  });
}

/** Equal for equal sources: the order of keys and what is a default anyway do not count. */
function sourceText(mount: Mount): string | undefined {
  const [kind, ...others] = present(mount, sources);
  if (kind === undefined || others.length > 0) return undefined;
  const fields = entriesOf<unknown>({ ...mount[kind] }).filter(([, value]) => value !== '' && value !== false);
  return JSON.stringify([
    kind,
    fields.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, String(value)]),
  ]);
}
