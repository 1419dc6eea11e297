/** What other tools of this repository make programs and images with; users of a cluster have no need of it. */
import { join } from 'node:path';
import { alone } from './alone.ts';
import { provideTool, type ProvideOptions } from './build.ts';
import { busyboxFiles, busyboxOf, provideBusybox } from './busybox.ts';
import { sharedFolders } from './layout.ts';
import type { TarEntry } from './tar.ts';
import { tools } from './tools.ts';

export { alone } from './alone.ts';
export { run } from './command.ts';
export { libraryFiles } from './debian/libraries.ts';
export { provideDebianFiles, type DebianPackages } from './debian/packages.ts';
export { layeredImage, makeLayer, type Image, type Layer } from './image.ts';
export { folder, link, program, text, trustedAuthorities } from './image-files.ts';
export { imagesCommand } from './images-command.ts';
export { keptLayer } from './kept-layer.ts';
export { sharedFolders } from './layout.ts';
export { forgetOtherImages } from './node-images.ts';
export { aptOptions } from './packages.ts';
export { findProgram } from './programs.ts';
export { step } from './progress.ts';
export { push } from './push.ts';
export { findGo } from './toolchain.ts';
export type { TarEntry } from './tar.ts';

/** The file system of the image `busybox:1`. */
export async function provideBusyboxFiles(options: ProvideOptions): Promise<TarEntry[]> {
  const { cache, report, signal } = options;
  await alone(`tools ${sharedFolders(cache).tools}`, options, () => provideBusybox(cache, report, signal));
  return busyboxFiles(busyboxOf(cache));
}

/** The path of the cluster's runc, which is linked to the libseccomp of this machine. */
export async function provideRunc(options: ProvideOptions): Promise<string> {
  const runc = tools.find(({ name }) => name === 'runc');
  if (runc === undefined) throw new Error('The cluster has no runc.');
  return join(await provideTool(runc, options), 'runc');
}
