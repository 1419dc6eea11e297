import { resolve } from 'node:path';
import type { ProvideOptions } from '@ephemera/local-cluster';
import {
  alone,
  forgetOtherImages,
  keptLayer,
  layeredImage,
  provideDebianFiles,
  push,
  step,
} from '@ephemera/local-cluster/machinery';
import { debianFiles, packages } from './debian.ts';
import { LinuxMissing } from './errors.ts';
import { nodeFiles, nodePackage, npmPackage } from './node.ts';
import { provideNpmPackage } from './npm-package.ts';

export interface ImageOptions extends ProvideOptions {
  /** host:port of the local cluster's registry, as pods and this machine reach it. */
  readonly registry: string;
  /** The local cluster whose node should have nothing older under this name. Default: `default`. */
  readonly name?: string;
}

/** Docker Hub's, for which the local registry answers. */
const repository = 'nikolaik/python-nodejs';
const tag = 'python3.11-nodejs20-bullseye';

/**
 * Puts an image with bash, Git, Python 3 and Node 20 into the registry of a local cluster, under the name of the public one that sandboxes
 * use by default, and returns that name. It takes a minute where nothing is in the cache, some two seconds else.
 * Throws `python_nodejs.linux_missing`, `python_nodejs.npm_missing` or `local_cluster.debian_missing` where this machine cannot.
 */
export async function provideImage(options: ImageOptions): Promise<string> {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new LinuxMissing({ platform: `${platform} on ${arch}` });
  }
  await alone(`python-nodejs ${resolve(options.cache)}`, options, () => provide(options));
  return `${repository}:${tag}`;
}

async function provide(options: ImageOptions): Promise<void> {
  const { cache, report, registry } = options;
  const debian = await provideDebianFiles(packages, options);
  const node = await provideNpmPackage(nodePackage, options);
  const npm = await provideNpmPackage(npmPackage, options);
  const image = await step(report, 'image of Python and Node', async () =>
    layeredImage([await keptLayer(cache, debianFiles(debian)), await keptLayer(cache, nodeFiles(node, npm))], {
      arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
      environment: { LANG: 'C.UTF-8' },
      command: ['python3'],
    }),
  );
  await step(report, 'push image of Python and Node', async () => {
    await push(registry, repository, [tag], image);
    await forgetOtherImages(options, { [`docker.io/${repository}:${tag}`]: image.manifest.digest });
  });
}
