import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { busyboxFiles, busyboxOf } from './busybox.ts';
import { imageArchive, makeImage, type Image } from './image.ts';
import type { Layout } from './layout.ts';
import { programOf, type Toolbox } from './toolbox.ts';
import { busyboxImage, pauseImage } from './versions.ts';

export interface LocalImage {
  readonly name: string;
  readonly archive: string;
  readonly image: Image;
}

/** Makes the two images that every instance starts with. Small enough to make anew each time, so nothing can be stale. */
export async function makeImages(layout: Layout, toolbox: Toolbox): Promise<LocalImage[]> {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const pause = await readFile(programOf(toolbox, 'pause'));
  const images = [
    {
      name: pauseImage,
      image: makeImage([{ path: 'pause', kind: 'file', mode: 0o755, content: pause }], {
        arch,
        entrypoint: ['/pause'],
      }),
    },
    { name: busyboxImage, image: makeImage(await busyboxFiles(busyboxOf(layout.cache)), { arch, command: ['sh'] }) },
  ];
  await mkdir(layout.config, { recursive: true });
  return Promise.all(
    images.map(async ({ name, image }) => {
      const archive = join(layout.config, `${name.replace(/^.*\//, '').replace(':', '-')}.tar`);
      await writeFile(archive, imageArchive(image, name));
      return { name, archive, image };
    }),
  );
}
