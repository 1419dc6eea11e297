import type { ServerResponse } from 'node:http';

/** An answer that is written bit by bit, for as long as the client takes it. */
export interface ClientStream {
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  /** Whether the client has not yet taken what was written last. */
  isBehind(): boolean;
  /**
   * Settles when the client has room for more: whoever waits for it holds no more in memory than that. Does nothing for one that has gone.
   * Once `until` is aborted it writes, and waits no longer.
   */
  write(text: string, until?: AbortSignal): Promise<void>;
  end(): void;
  /** Breaks off after this text, so that nobody takes what came so far for all of it. */
  breakOff(text: string): void;
}

export function clientStream(response: ServerResponse): ClientStream {
  const left = new AbortController();
  const leave = (): void => left.abort(new Error('the client has gone'));
  response.once('close', leave);
  // Who went while the job was looked up is not told of any more.
  if (response.destroyed || response.closed) leave();
  // A connection that breaks is told by `close` as well.
  response.on('error', () => {});
  const isOver = (): boolean => left.signal.aborted || response.destroyed || response.writableEnded;
  return {
    gone: left.signal,
    isBehind: () => response.writableNeedDrain,
    write: async (text, until) => {
      if (isOver() || response.write(text) || until?.aborted) return;
      await drained(response, until === undefined ? [left.signal] : [left.signal, until]);
    },
    end: () => void response.end(),
    breakOff: (text) => {
      if (!isOver()) response.write(text, () => response.destroy());
    },
  };
}

/** Until there is room again, or one of these aborts. They outlive many waits, which is why nothing is left at them. */
async function drained(response: ServerResponse, signals: readonly AbortSignal[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  response.on('drain', done);
  for (const signal of signals) signal.addEventListener('abort', done);
  try {
    await promise;
  } finally {
    response.off('drain', done);
    for (const signal of signals) signal.removeEventListener('abort', done);
  }
}
