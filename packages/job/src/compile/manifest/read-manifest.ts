import { ManifestUnreadable } from '../errors.ts';
import { isMap } from '../spec/shape.ts';
import { keepWritten } from '../spec/written.ts';
import { maxManifestBytes } from './limits.ts';
import { applySettings } from './set.ts';
import { readYaml } from './yaml-text.ts';

export interface ReadOptions {
  /** What messages call the text: a file name, or `standard input`. */
  readonly source: string;
  /** Settings over the manifest, `spec.parallelism=3`, in their order. */
  readonly set?: readonly string[];
}

/**
 * The manifest in a YAML or JSON text, for `parseJob`. Safe for texts of strangers: one document of at most 1 MiB, no key twice, no
 * tags, few aliases; and no message quotes the text, which may hold secrets.
 *
 * Throws `ManifestUnreadable` with line and column, `SetInvalid`.
 */
export function readManifest(text: string, { source, set = [] }: ReadOptions): unknown {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxManifestBytes) {
    throw new ManifestUnreadable({
      source,
      problem: `it has ${bytes} bytes, and a manifest has at most ${maxManifestBytes}`,
      fix: 'Put large contents into the image or onto a volume.',
    });
  }
  const read = readYaml(text);
  if ('unreadable' in read) throw new ManifestUnreadable({ source, ...read.unreadable });
  if (!isMap(read.value)) {
    throw new ManifestUnreadable({
      source,
      problem: `it is ${Array.isArray(read.value) ? 'a list' : 'a single value'}, and a manifest is a map`,
      fix: 'Begin with the keys apiVersion, kind, metadata and spec.',
    });
  }
  const manifest = applySettings(read.value, set);
  if (read.numbers !== undefined) keepWritten(manifest, read.numbers);
  return manifest;
}
