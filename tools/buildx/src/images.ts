import { join } from 'node:path';
import { provideTool, type ProvideOptions } from '@ephemera/local-cluster';
import {
  folder,
  keptLayer,
  layeredImage,
  libraryFiles,
  makeLayer,
  program,
  provideBusyboxFiles,
  provideRunc,
  text,
  trustedAuthorities,
  type Image,
} from '@ephemera/local-cluster/machinery';
import { daemonConfig } from './daemon-config.ts';
import { script } from './files.ts';
import { gitFiles } from './git.ts';
import { buildkit, buildx } from './tools.ts';

export interface Images {
  /** What a job runs in: a shell, Git and buildx. */
  readonly client: Image;
  /** What buildx puts into the cluster. */
  readonly builder: Image;
}

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
const root = '/var/lib/buildkit';

/** Makes both images. `debian` is the folder of the unpacked packages, `registry` is host:port of the cluster's own. */
export async function makeImages(debian: string, registry: string, options: ProvideOptions): Promise<Images> {
  const { cache } = options;
  const [client, daemon, runc] = [
    await provideTool(buildx, options),
    await provideTool(buildkit, options),
    await provideRunc(options),
  ];
  const base = await keptLayer(cache, [
    ...(await provideBusyboxFiles(options)),
    ...trustedAuthorities(debian),
    folder('usr/local'),
    folder('usr/local/bin'),
  ]);
  return {
    client: layeredImage(
      [
        base,
        await keptLayer(cache, await gitFiles(debian)),
        await keptLayer(cache, [program('usr/local/bin/buildx', join(client, 'buildx'))]),
        makeLayer([script('usr/local/bin/docker', 'client/docker')]),
      ],
      // buildx keeps its state in the home folder, and pods may run as any user.
      { arch, environment: { HOME: '/tmp' }, command: ['sh'] },
    ),
    builder: layeredImage(
      [
        base,
        await keptLayer(cache, [
          ...buildkit.binaries.map((name) => program(`usr/local/bin/${name}`, join(daemon, name))),
          program('usr/local/bin/runc', runc),
          ...(await libraryFiles(debian, [runc])),
        ]),
        makeLayer([
          script('usr/local/bin/start-builder', 'builder/start-builder'),
          folder('etc/buildkit'),
          text('etc/buildkit/buildkitd.toml', daemonConfig(registry)),
        ]),
      ],
      // Overlays do not stack: without a volume the builder would have to copy each layer whole.
      { arch, entrypoint: ['start-builder'], volumes: [root] },
    ),
  };
}
