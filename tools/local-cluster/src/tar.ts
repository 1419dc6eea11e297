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
  if (Buffer.byteLength(path) > 100) throw new Error(`Too long for a plain tar header: ${path}`);
  head.write(path, 0);
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
  // The checksum counts its own field as spaces.
  head.write(' '.repeat(8), 148);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${octal(sum, 6)}\0 `, 148);
  return head;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
