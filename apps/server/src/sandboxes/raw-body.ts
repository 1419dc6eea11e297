import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { BodyTooLarge } from '../intake/errors.ts';

/** The body of a route that takes bodies as they come. One that sends none sends an empty one. */
export function streamOf({ body }: FastifyRequest): Readable {
  return body instanceof Readable ? body : Readable.from([]);
}

/** All of it. Throws `request.too_large`. */
export async function bytesOf(request: FastifyRequest, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limited(streamOf(request), most, () => new BodyTooLarge({ bytes: most })))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Its pieces, until there are too many bytes of them. */
export async function* limited(
  stream: Readable,
  most: number,
  tooLarge: () => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge();
    yield chunk;
  }
}
