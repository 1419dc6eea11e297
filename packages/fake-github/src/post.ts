import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/**
 * Posts one delivery and resolves with the answer's status. A connection each, as GitHub does: one kept open would fail the
 * first delivery after the receiver restarts. Redirects are not followed.
 */
export function post(
  target: { readonly url: string | undefined; readonly timeoutMs: number },
  delivery: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    if (target.url === undefined) throw new Error('no webhook address is set');
    const url = new URL(target.url);
    const deadline = AbortSignal.timeout(target.timeoutMs);
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent: false,
      headers: { ...delivery.headers, 'content-length': Buffer.byteLength(delivery.body) },
      signal: AbortSignal.any([signal, deadline]),
    });
    request.on('response', (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    request.on('error', (error) => reject(deadline.aborted ? new Error(`no answer in ${target.timeoutMs} ms`) : error));
    request.end(delivery.body);
  });
}
