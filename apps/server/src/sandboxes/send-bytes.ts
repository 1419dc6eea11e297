import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Sends pieces as the client takes them. Where they end too early the connection is broken off, so that nobody takes it for the end. */
export async function sendBytes(
  response: ServerResponse,
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncIterable<Uint8Array>,
): Promise<void> {
  const closed = once(response, 'close');
  response.on('error', () => {});
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (!response.destroyed && !response.write(bytes)) await Promise.race([once(response, 'drain'), closed]);
  };
  try {
    if (!first.done) await send(first.value);
    for await (const bytes of rest) {
      if (response.destroyed) return;
      await send(bytes);
    }
    response.end();
  } catch {
    response.destroy();
  }
}
