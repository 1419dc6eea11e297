import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

const kinds = ['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'];

interface Manifest {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly {
    readonly digest: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
  }[];
}

/** An image as the registry has it; every digest is checked. */
export interface PushedImage {
  readonly config: { readonly config: { readonly Cmd?: readonly string[]; readonly User?: string } };
  /** The file as the last layer that has it gives it. */
  file(path: string): Promise<string>;
}

/** Reads an image for linux/amd64 out of a registry that asks for no credentials. `name` is host:port/repository:tag. */
export async function readPushed(name: string): Promise<PushedImage> {
  const [, registry, repository, tag = ''] = /^([^/]+)\/(.+):([^:/]+)$/.exec(name) ?? [];
  const base = `http://${registry}/v2/${repository}`;
  const read = async (path: string, digest?: string): Promise<Buffer> => {
    const response = await fetch(`${base}/${path}`, {
      headers: { accept: kinds.join(', ') },
      signal: AbortSignal.timeout(10_000),
    });
    const content = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${path}: ${response.status} ${content.toString()}`);
    const found = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (digest !== undefined && found !== digest) throw new Error(`${path} is ${found}`);
    return content;
  };
  const manifestOf = async (reference: string, digest?: string): Promise<Manifest> =>
    JSON.parse(String(await read(`manifests/${reference}`, digest)));

  const index = await manifestOf(tag);
  const chosen = index.manifests?.find(({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64');
  const { config, layers = [] } = chosen === undefined ? index : await manifestOf(chosen.digest, chosen.digest);
  if (config === undefined) throw new Error(`${name} has no image for linux/amd64.`);
  return {
    config: JSON.parse(String(await read(`blobs/${config.digest}`, config.digest))),
    file: async (path) => {
      for (const { digest } of layers.toReversed()) {
        const layer = await read(`blobs/${digest}`, digest);
        const listed = execFileSync('tar', ['-tzf', '-'], { input: layer, encoding: 'utf8' }).split('\n');
        if (!listed.includes(path)) continue;
        return execFileSync('tar', ['-xzOf', '-', path], { input: layer, encoding: 'utf8' });
      }
      throw new Error(`No layer of ${name} has ${path}.`);
    },
  };
}
