import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** An answer that is written bit by bit, for as long as the client takes it. */
export interface ClientStream {
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  /** Whether the client has not yet taken what was written last. */
  isBehind(): boolean;
  /** Settles when the client has room for more: whoever waits for it holds no more in memory than that. Does nothing for one that has gone. */
  write(text: string): Promise<void>;
  end(): void;
  /** Breaks off after this text, so that nobody takes what came so far for all of it. */
  breakOff(text: string): void;
}

export function clientStream(response: ServerResponse): ClientStream {
  const left = new AbortController();
  response.once('close', () => left.abort(new Error('the client has gone')));
  // A connection that breaks is told by `close` as well.
  response.on('error', () => {});
  return {
    gone: left.signal,
    isBehind: () => response.writableNeedDrain,
    write: async (text) => {
      if (left.signal.aborted || response.writableEnded || response.write(text)) return;
      await once(response, 'drain', { signal: left.signal }).catch(() => {});
    },
    end: () => void response.end(),
    breakOff: (text) => void response.write(text, () => response.destroy()),
  };
}
