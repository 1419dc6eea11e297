import { orAborted } from '@ephemera/model';
import { SandboxInvalid, StdinClosed } from '../errors.ts';
import type { RunOptions } from '../commands-api.ts';
import type { StdinSender } from './stdin-sender.ts';

/** How much of a stream is read ahead of what the command has taken. */
const aheadBytes = 1024 * 1024;

type Source = NonNullable<RunOptions['stdin']>;

/** Gives a command its standard input, and then its end. That the command does not want all of it is no error. Throws what the source throws. */
export async function feed(sender: StdinSender, source: Source, signal: AbortSignal): Promise<void> {
  try {
    if (typeof source === 'string') await sender.send(Buffer.from(source));
    else if (source instanceof Uint8Array) await sender.send(source);
    else await pump(sender, source, signal);
    await sender.close();
  } catch (error) {
    if (!(error instanceof StdinClosed)) throw error;
  }
}

async function pump(sender: StdinSender, source: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let last = Promise.resolve();
  let ahead = 0;
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done === true) break;
      const bytes = bytesOf(next.value);
      ahead += bytes.byteLength;
      last = sender.send(bytes).finally(() => (ahead -= bytes.byteLength));
      last.catch(() => undefined);
      if (ahead >= aheadBytes) await last;
    }
    await last;
  } finally {
    // Not waited for: a source that waits itself would never answer.
    iterator.return?.().catch(() => undefined);
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const problem = { path: 'stdin', problem: `gave ${typeof value}`, fix: 'Give pieces of bytes (Uint8Array).' };
  throw new SandboxInvalid({ what: 'Feeding the command', problems: [problem] });
}
