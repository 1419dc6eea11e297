import { RegistryRefused } from './errors.ts';
import type { Blob, Image } from './image.ts';

const timeoutMs = 10_000;

/** Puts an image into a registry that asks for no credentials. */
export async function push(registry: string, repository: string, tags: readonly string[], image: Image): Promise<void> {
  const base = `http://${registry}/v2/${repository}`;
  await upload(base, image.layer);
  await upload(base, image.config);
  for (const tag of tags) await send('PUT', `${base}/manifests/${tag}`, image.manifest);
}

async function upload(base: string, blob: Blob): Promise<void> {
  const opened = await send('POST', `${base}/blobs/uploads/`);
  const target = new URL(opened.headers.get('location') ?? '', base);
  target.searchParams.set('digest', blob.digest);
  await send('PUT', target.href, { ...blob, mediaType: 'application/octet-stream' });
}

async function send(method: string, url: string, blob?: Blob): Promise<Response> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(blob === undefined ? {} : { body: new Uint8Array(blob.content), headers: { 'content-type': blob.mediaType } }),
  });
  await response.arrayBuffer();
  if (!response.ok)
    throw new RegistryRefused({ request: `${method} ${new URL(url).pathname}`, status: response.status });
  return response;
}
