import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';

/** A folder as data: by the bytes of its names (latin1), whatever they are. */
export type DiskTree = ReadonlyMap<string, DiskEntry>;

type DiskEntry =
  | { readonly kind: 'folder'; readonly mode: number }
  | { readonly kind: 'file'; readonly mode: number; readonly content: Buffer }
  | { readonly kind: 'link'; readonly target: string };

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

export function writeTree(root: string, tree: DiskTree): void {
  for (const [path, entry] of tree) {
    const at = bytes(`${root}/${path}`);
    if (entry.kind === 'folder') mkdirSync(at);
    else if (entry.kind === 'file') writeFileSync(at, entry.content);
    else symlinkSync(bytes(entry.target), at);
  }
  for (const [path, entry] of [...tree].toReversed()) {
    if (entry.kind !== 'link') chmodSync(bytes(`${root}/${path}`), entry.mode);
  }
}

export function readTree(root: string, under = ''): DiskTree {
  const found = new Map<string, DiskEntry>();
  for (const name of readdirSync(bytes(`${root}/${under}`), { encoding: 'buffer' })
    .map((each) => each.toString('latin1'))
    .toSorted()) {
    const path = `${under}${name}`;
    const at = bytes(`${root}/${path}`);
    const stats = lstatSync(at);
    const mode = stats.mode & 0o7777;
    if (stats.isSymbolicLink())
      found.set(path, { kind: 'link', target: readlinkSync(at, { encoding: 'buffer' }).toString('latin1') });
    else if (stats.isFile()) found.set(path, { kind: 'file', mode, content: readFileSync(at) });
    else {
      found.set(path, { kind: 'folder', mode });
      for (const [inner, entry] of readTree(root, `${path}/`)) found.set(inner, entry);
    }
  }
  return found;
}

const hostileNames = [
  '-rf',
  '--',
  ' ',
  '\n',
  'a\nb',
  '\r',
  '\x1b[2J',
  '\xff\xfe',
  '\xc3',
  '*',
  '~',
  '...',
  '.a',
  "'",
  '"',
  '$(x)',
  '\\',
  'n'.repeat(255),
];

const anyName = fc
  .oneof(
    fc.constantFrom(...hostileNames),
    fc.uint8Array({ minLength: 1, maxLength: 12 }).map((all) => Buffer.from(all).toString('latin1')),
  )
  .filter((name) => !/[\0/]/.test(name) && name !== '.' && name !== '..');

const anyFile = fc.record({
  kind: fc.constant('file' as const),
  mode: fc.integer({ min: 0o400, max: 0o777 }),
  content: fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)),
    fc.integer({ min: 0, max: 700_000 }).map((length) => Buffer.alloc(length, 'abcdefg')),
  ),
});
const anyFolder = fc.record({ kind: fc.constant('folder' as const), mode: fc.integer({ min: 0o500, max: 0o777 }) });
/** Leads to a name beside it, or to its own folder: inside in any case. */
const anyLink = fc.record({ kind: fc.constant('link' as const), target: fc.oneof(anyName, fc.constant('.')) });

/** Folders before what is in them. */
export const anyTree: fc.Arbitrary<DiskTree> = fc
  .array(fc.tuple(fc.nat(), anyName, fc.oneof(anyFile, anyFolder, anyLink)), { maxLength: 25 })
  .map((made) => {
    const tree = new Map<string, DiskEntry>();
    const folders = [''];
    for (const [where, name, entry] of made) {
      const path = `${folders[where % folders.length] ?? ''}${name}`;
      if (tree.has(path)) continue;
      tree.set(path, entry);
      if (entry.kind === 'folder') folders.push(`${path}/`);
    }
    return tree;
  });
