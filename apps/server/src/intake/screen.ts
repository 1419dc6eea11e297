import type { IncomingHttpHeaders } from 'node:http';
import { BodyTooLarge, MediaType, SignatureInvalid } from './errors.ts';

/**
 * What the headers of a delivery say is enough to refuse it before one byte of its body is read. Throws the reason: a body that is
 * no JSON or compressed (GitHub compresses none, and a small one may become a huge one), too long, or that nobody can have signed.
 */
export function screen(headers: IncomingHttpHeaders, limitBytes: number): void {
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new MediaType({ problem: 'its content type says something else' });
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new MediaType({ problem: 'it is compressed' });
  if (Number(headers['content-length'] ?? 0) > limitBytes) throw new BodyTooLarge({ bytes: limitBytes });
  const signature = headers['x-hub-signature-256'];
  if (typeof signature !== 'string' || !/^sha256=[0-9a-f]{64}$/.test(signature)) throw new SignatureInvalid({});
}
