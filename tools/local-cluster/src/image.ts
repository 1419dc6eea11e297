import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tar, type TarEntry } from './tar.ts';

/** A container image with one layer, made without any engine. */
export interface Image {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layer: Blob;
}

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

export interface ImageSettings {
  readonly arch: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

const search = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function makeImage(files: readonly TarEntry[], settings: ImageSettings): Image {
  const plain = tar(files);
  const layer = blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(plain));
  const config = json('application/vnd.oci.image.config.v1+json', {
    architecture: settings.arch,
    os: 'linux',
    config: { Env: [search], Entrypoint: settings.entrypoint, Cmd: settings.command },
    rootfs: { type: 'layers', diff_ids: [digestOf(plain)] },
  });
  const manifest = json('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describe(config),
    layers: [describe(layer)],
  });
  return { manifest, config, layer };
}

/** The image as an archive in OCI layout, which containerd imports under the given full name. */
export function imageArchive({ manifest, config, layer }: Image, name: string): Buffer {
  const index = {
    schemaVersion: 2,
    manifests: [{ ...describe(manifest), annotations: { 'io.containerd.image.name': name } }],
  };
  return tar([
    file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
    file('index.json', Buffer.from(JSON.stringify(index))),
    ...[manifest, config, layer].map((part) => file(`blobs/${part.digest.replace(':', '/')}`, part.content)),
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
