import { FileProblem } from '../errors.ts';
import type { SandboxPath } from '../files-api.ts';

/** What the kernel takes, its closing NUL not counted. */
const longestPath = 4_095;
const longestName = 255;
const slash = 0x2f;

/**
 * A path's bytes, as they go to the runner. Throws `sandbox.file` of kind `name` for what no file can be called.
 * Where it leads is decided by the runner alone, which sees the links of the way.
 */
export function pathBytes(path: SandboxPath): Uint8Array {
  const bytes = typeof path === 'string' ? Buffer.from(path, 'utf8') : path;
  const problem =
    typeof path === 'string' && !path.isWellFormed() ? 'has half of a surrogate pair' : problemOfPath(bytes);
  if (problem !== undefined) throw new FileProblem({ path: shownPath(path), kind: 'name', problem });
  return bytes;
}

function problemOfPath(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'is empty; the work folder itself is `.`';
  if (bytes.includes(0)) return 'has a NUL';
  if (bytes.length > longestPath) return `has ${bytes.length} bytes, and ${longestPath} are possible`;
  let start = 0;
  while (start < bytes.length) {
    const next = bytes.indexOf(slash, start);
    const end = next === -1 ? bytes.length : next;
    if (end - start > longestName) return `has a name of ${end - start} bytes, and ${longestName} are possible`;
    start = end + 1;
  }
  return undefined;
}

// C0, DEL and C1, and the marks that turn the direction of writing: a name must not be able to write over a terminal's line.
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const longestShown = 200;

/** A path for messages: on one line, without control characters, cut where it is long. */
export function shownPath(path: SandboxPath): string {
  const text = typeof path === 'string' ? path : Buffer.from(path).toString('utf8');
  const plain = text
    .toWellFormed()
    .replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return plain.length > longestShown ? `${plain.slice(0, longestShown)}…` : plain;
}

/**
 * Inside of this folder a path of a tree is text with one character per byte (latin1), so that it can be split, joined
 * and be a key whatever its bytes are.
 */
export type BytePath = string;

export function toBytes(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

export function fromBytes(bytes: Uint8Array): BytePath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function joined(folder: BytePath, name: BytePath): BytePath {
  return folder === '' ? name : folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

/** The folder of a path below a root; '' is the root. */
export function parentOf(path: BytePath): BytePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
