import { resolve } from 'node:path';
import type { ProvideOptions } from '@ephemera/local-cluster';
import {
  alone,
  forgetOtherImages,
  provideDebianFiles,
  push,
  step,
  type DebianPackages,
} from '@ephemera/local-cluster/machinery';
import { EphemeraError } from '@ephemera/model';
import { GoMissing, LinuxMissing } from './errors.ts';
import { makeImages } from './images.ts';

export interface BuildxOptions extends ProvideOptions {
  /** host:port of the local cluster's registry, as pods and this machine reach it. */
  readonly registry: string;
  /** The local cluster whose node should have nothing older under these names. Default: `default`. */
  readonly name?: string;
}

/** Under which names the cluster pulls the images; the registry answers for Docker Hub. */
export interface BuildxImages {
  readonly registry: string;
  /** `docker:24-dind`. */
  readonly client: string;
  /** The images that buildx takes for its builders, without and with `rootless=true`. */
  readonly builders: readonly string[];
}

const clients = { repository: 'library/docker', tags: ['24-dind'] };
const builders = { repository: 'moby/buildkit', tags: ['buildx-stable-1', 'buildx-stable-1-rootless'] };

/** Left out: Git's commands in Perl, its manuals, and what packages need while they are being installed. */
const packages: DebianPackages = {
  withDependencies: ['git', 'libseccomp2'],
  alone: ['ca-certificates'],
  leftOut: ['perl', 'liberror-perl', 'git-man', 'debconf', 'cdebconf', 'dpkg', 'openssl'],
};

/**
 * Puts images with the real buildx and BuildKit into the registry of a local cluster, under the names that jobs and buildx ask for.
 * Builds the programs where the cache does not have them (some five minutes on two cores); else it takes a second or two.
 * Throws `buildx.linux_missing`, `buildx.go_missing` or `local_cluster.debian_missing` where this machine cannot.
 */
export async function provideBuildx(options: BuildxOptions): Promise<BuildxImages> {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new LinuxMissing({ platform: `${platform} on ${arch}` });
  }
  await alone(`buildx ${resolve(options.cache)}`, options, () => provide(options)).catch(inOurWords);
  const named = ({ repository, tags }: typeof clients): string[] =>
    tags.map((tag) => `${repository.replace('library/', '')}:${tag}`);
  return { registry: options.registry, client: named(clients)[0] ?? '', builders: named(builders) };
}

async function provide(options: BuildxOptions): Promise<void> {
  const { registry, report } = options;
  const debian = await provideDebianFiles(packages, options);
  const images = await step(report, 'images of buildx', () => makeImages(debian, registry, options));
  await step(report, 'push images of buildx', async () => {
    const pushed = [
      { ...clients, image: images.client },
      { ...builders, image: images.builder },
    ];
    for (const { repository, tags, image } of pushed) await push(registry, repository, tags, image);
    const wanted = pushed.flatMap(({ repository, tags, image }) =>
      tags.map((tag) => [`docker.io/${repository}:${tag}`, image.manifest.digest] as const),
    );
    await forgetOtherImages(options, Object.fromEntries(wanted));
  });
}

/** Whoever asked for buildx should not read of a cluster that cannot be built. */
function inOurWords(error: unknown): never {
  if (error instanceof EphemeraError && error.code === 'local_cluster.go_missing') {
    throw new GoMissing({ tried: String(error.details['tried']) }, { cause: error });
  }
  throw error;
}
