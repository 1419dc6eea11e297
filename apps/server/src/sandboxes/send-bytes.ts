import type { ServerResponse } from 'node:http';

/**
 * Sends pieces as the client takes them. Where they end too early the connection is broken off, so that nobody takes it for the end, and what
 * ended them is returned; undefined where all was sent, or the client has gone.
 */
export async function sendBytes(
  response: ServerResponse,
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncIterable<Uint8Array>,
): Promise<unknown> {
  response.on('error', () => {});
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (!response.destroyed && !response.write(bytes)) await room(response);
  };
  try {
    if (!first.done) await send(first.value);
    for await (const bytes of rest) {
      if (response.destroyed) return undefined;
      await send(bytes);
    }
    response.end();
    return undefined;
  } catch (error) {
    if (response.destroyed) return undefined;
    response.destroy();
    return error;
  }
}

/** Or nobody is there any more. Listeners that are taken off again: a large file waits thousands of times. */
function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
