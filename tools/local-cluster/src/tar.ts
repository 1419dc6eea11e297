/** Writes ustar archives. Owner root and time zero throughout, so that the same files give the same bytes. */
export interface TarEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink';
  readonly mode: number;
  readonly content?: Buffer;
  readonly target?: string;
}

const block = 512;
const types = { file: '0', symlink: '2', folder: '5' };

export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(record), Buffer.alloc(2 * block)]);
}

function record(entry: TarEntry): Buffer[] {
  const content = entry.content ?? Buffer.alloc(0);
  const padding = Buffer.alloc((block - (content.length % block)) % block);
  return [header(entry, content.length), content, padding];
}

function header(entry: TarEntry, size: number): Buffer {
  const head = Buffer.alloc(block);
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  const { name, prefix } = splitPath(path);
  if (Buffer.byteLength(entry.target ?? '') > 100) throw new Error(`Too long for a tar header: ${entry.target}`);
  head.write(name, 0);
  head.write(octal(entry.mode, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(size, 11), 124);
  head.write(octal(0, 11), 136);
  head.write(types[entry.kind], 156);
  head.write(entry.target ?? '', 157);
  head.write('ustar\u000000', 257);
  head.write('root', 265);
  head.write('root', 297);
  head.write(prefix, 345);
  // The checksum counts its own field as spaces.
  head.write(' '.repeat(8), 148);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${octal(sum, 6)}\0 `, 148);
  return head;
}

/** A path of more than 100 bytes is cut at a slash: its end is the name, and what is before has a field of 155. */
function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at !== -1 && at < path.length - 1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`Too long for a tar header: ${path}`);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
