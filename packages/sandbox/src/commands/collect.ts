import { orAborted } from '@ephemera/model';
import { OutputLost, ProtocolMismatch } from '../errors.ts';
import type { RunOptions } from '../commands-api.ts';
import type { AnswerOf } from '../wire/answer.ts';
import type { Followed } from './follow.ts';
import type { Tails } from './result.ts';
import { Tail } from './tail.ts';

const defaultMaxOutputBytes = 16 * 1024 * 1024;

export type CollectOptions = Pick<RunOptions, 'onStdout' | 'onStderr' | 'maxOutputBytes' | 'signal'>;

export interface Collected {
  readonly exit: AnswerOf<'exit'>;
  readonly tails: Tails;
}

/** Reads until the end, hands on what comes, and keeps the ends. What a callback throws ends it. */
export async function collect(events: AsyncIterable<Followed>, options: CollectOptions): Promise<Collected> {
  const { maxOutputBytes = defaultMaxOutputBytes, signal } = options;
  const tails = { stdout: new Tail('stdout', maxOutputBytes), stderr: new Tail('stderr', maxOutputBytes) };
  const callbacks = { stdout: options.onStdout, stderr: options.onStderr };
  let exit: AnswerOf<'exit'> | undefined;
  for await (const event of events) {
    if (event.kind === 'exit') {
      exit = event;
      continue;
    }
    const callback = callbacks[event.stream];
    if (event.kind === 'out') {
      tails[event.stream].add(event.data);
      // A callback that never ends must not hold up whoever has given up.
      const taken = callback?.(event.data);
      if (taken !== undefined) await orAborted(Promise.resolve(taken), signal);
    } else {
      // Who was promised all of it must not take a part for it.
      if (callback) throw new OutputLost({ stream: event.stream, from: event.from, to: event.to });
      tails[event.stream].skip(event.from, event.to);
    }
  }
  if (!exit) throw new ProtocolMismatch({ problem: 'the output ended without the end of the command' });
  return { exit, tails };
}
