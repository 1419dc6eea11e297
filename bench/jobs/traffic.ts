import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What went over the product's connections. */
export interface Traffic extends Disposable {
  /** Of answers' bodies. */
  bytes(): number;
  /** Requests so far, as `GET /path?query`. */
  requests(): readonly string[];
}

interface Published {
  readonly request: { readonly method: string; readonly path: string };
  readonly chunk?: Uint8Array;
}

/** Counts by the channels on which undici tells what it does; nothing stands in between. */
export function countTraffic(): Traffic {
  let bytes = 0;
  const requests: string[] = [];
  const onRequest = (message: unknown) => {
    const { request } = message as Published;
    requests.push(`${request.method} ${request.path}`);
  };
  const onChunk = (message: unknown) => {
    bytes += (message as Published).chunk?.byteLength ?? 0;
  };
  subscribe('undici:request:create', onRequest);
  subscribe('undici:request:bodyChunkReceived', onChunk);
  return {
    bytes: () => bytes,
    requests: () => requests,
    [Symbol.dispose]: () => {
      unsubscribe('undici:request:create', onRequest);
      unsubscribe('undici:request:bodyChunkReceived', onChunk);
    },
  };
}
