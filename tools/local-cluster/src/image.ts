import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tar, type TarEntry } from './tar.ts';

/** A container image, made without any engine. */
export interface Image {
  readonly manifest: Blob;
  readonly config: Blob;
  /** Later ones cover earlier ones. */
  readonly layers: readonly Layer[];
}

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

export interface Layer extends Blob {
  /** The digest of the archive before it was compressed, which is the same whatever compressed it. */
  readonly diffId: string;
}

export interface ImageSettings {
  readonly arch: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** Added to PATH; a name of it that is set here is replaced. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders that are on the node's disk instead of in the container's own file system. */
  readonly volumes?: readonly string[];
}

const search = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** An image of one layer. */
export function makeImage(files: readonly TarEntry[], settings: ImageSettings): Image {
  return layeredImage([makeLayer(files)], settings);
}

export function makeLayer(files: readonly TarEntry[]): Layer {
  const plain = tar(files);
  return layerOf(gzipSync(plain), digestOf(plain));
}

/** A layer whose archive is compressed already. */
export function layerOf(compressed: Buffer, diffId: string): Layer {
  return { ...blob('application/vnd.oci.image.layer.v1.tar+gzip', compressed), diffId };
}

export function layeredImage(layers: readonly Layer[], settings: ImageSettings): Image {
  const variables = Object.entries({ ...search, ...settings.environment });
  const config = json('application/vnd.oci.image.config.v1+json', {
    architecture: settings.arch,
    os: 'linux',
    config: {
      Env: variables.map(([name, value]) => `${name}=${value}`),
      Entrypoint: settings.entrypoint,
      Cmd: settings.command,
      Volumes: settings.volumes && Object.fromEntries(settings.volumes.map((path) => [path, {}])),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = json('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describe(config),
    layers: layers.map(describe),
  });
  return { manifest, config, layers };
}

/** The image as an archive in OCI layout, which containerd imports under the given full name. */
export function imageArchive({ manifest, config, layers }: Image, name: string): Buffer {
  const index = {
    schemaVersion: 2,
    manifests: [{ ...describe(manifest), annotations: { 'io.containerd.image.name': name } }],
  };
  return tar([
    file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
    file('index.json', Buffer.from(JSON.stringify(index))),
    ...[manifest, config, ...layers].map((part) => file(`blobs/${part.digest.replace(':', '/')}`, part.content)),
  ]);
}

export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function blob(mediaType: string, content: Buffer): Blob {
  return { mediaType, digest: digestOf(content), content };
}

function json(mediaType: string, value: object): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function describe({ mediaType, digest, content }: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: content.length };
}

function file(path: string, content: Buffer): TarEntry {
  return { path, kind: 'file', mode: 0o644, content };
}
