import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { digestOf, layerOf, type Layer } from './image.ts';
import { sharedFolders } from './layout.ts';
import { tar, type TarEntry } from './tar.ts';

const compress = promisify(gzip);

/**
 * A layer of these files. Compressing a hundred megabytes takes seconds, so the result is kept under the digest of what was compressed:
 * what is found there is always right, whatever the files were made from.
 */
export async function keptLayer(cache: string, files: readonly TarEntry[]): Promise<Layer> {
  const plain = tar(files);
  const diffId = digestOf(plain);
  const folder = join(sharedFolders(cache).images, 'layers');
  const file = join(folder, `${diffId.replace(':', '-')}.tar.gz`);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    const fresh = `${file}.${process.pid}`;
    await writeFile(fresh, await compress(plain));
    await rename(fresh, file);
  }
  return layerOf(await readFile(file), diffId);
}
