import { RegistryRefused } from './errors.ts';
import type { Blob, Image } from './image.ts';

/** Blobs of a hundred megabytes go to a disk that other work keeps busy. */
const timeoutMs = 60_000;

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Puts an image into a registry that asks for no credentials. What is there already is not sent again. */
export async function push(registry: string, repository: string, tags: readonly string[], image: Image): Promise<void> {
  const base = `http://${registry}/v2/${repository}`;
  const missing = await unequal(base, tags, image.manifest.digest);
  if (missing.length === 0) return;
  for (const blob of [...image.layers, image.config]) await upload(base, blob);
  for (const tag of missing) await send('PUT', `${base}/manifests/${tag}`, image.manifest);
}

/** The tags that do not lead to this manifest. */
async function unequal(base: string, tags: readonly string[], digest: string): Promise<readonly string[]> {
  const found = await Promise.all(
    tags.map(async (tag) => {
      const url = `${base}/manifests/${tag}`;
      const response = await ask(url);
      return response?.headers.get('docker-content-digest');
    }),
  );
  return tags.filter((_, index) => found[index] !== digest);
}

async function upload(base: string, blob: Blob): Promise<void> {
  if ((await ask(`${base}/blobs/${blob.digest}`)) !== undefined) return;
  const opened = await send('POST', `${base}/blobs/uploads/`);
  const target = new URL(opened.headers.get('location') ?? '', base);
  target.searchParams.set('digest', blob.digest);
  await send('PUT', target.href, { ...blob, mediaType: 'application/octet-stream' });
}

/** Undefined where there is no such thing. */
async function ask(url: string): Promise<Response | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method: 'HEAD', headers: { accept: manifestType }, signal });
  if (response.status === 404) return undefined;
  return accepted(response, 'HEAD', url);
}

async function send(method: string, url: string, blob?: Blob): Promise<Response> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(blob === undefined ? {} : { body: new Uint8Array(blob.content), headers: { 'content-type': blob.mediaType } }),
  });
  await response.arrayBuffer();
  return accepted(response, method, url);
}

function accepted(response: Response, method: string, url: string): Response {
  if (response.ok) return response;
  throw new RegistryRefused({ request: `${method} ${new URL(url).pathname}`, status: response.status });
}
