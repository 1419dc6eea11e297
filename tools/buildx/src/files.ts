import { join } from 'node:path';
import { program, type TarEntry } from '@ephemera/local-cluster/machinery';

const own = join(import.meta.dirname, '..', 'image');

/** A script of this package. */
export function script(path: string, name: string): TarEntry {
  return program(path, join(own, name));
}
