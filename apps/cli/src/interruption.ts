import { defineError } from '@ephemera/model';

export const Interrupted = defineError<{ signal: string }>({
  code: 'cli.interrupted',
  retryable: true,
  message: ({ signal }) => `Interrupted by ${signal}.`,
});

export const OutputClosed = defineError({
  code: 'cli.output_closed',
  retryable: true,
  message: () => 'Ended, as nobody reads the output any more.',
});

/**
 * Emitted by the process when its standard output or error is closed. Not SIGPIPE: whoever listens to that hears of every socket that
 * somebody else has closed, and a server would end with the first connection of its database that breaks.
 */
export const outputClosed = Symbol('output closed');

const events = ['SIGINT', 'SIGTERM', 'SIGHUP', outputClosed] as const;

/**
 * From its making until it is disposed, Ctrl-C and the end of the terminal or of what reads the output no longer end the process: they abort
 * `signal`.
 */
export interface Interruption extends Disposable {
  /** Aborts with `cli.interrupted` or `cli.output_closed` at the first of the signals. Later ones change nothing: what is taken down is taken down. */
  readonly signal: AbortSignal;
  readonly happened: Promise<void>;
}

/** Taken before anything is started, so that there is no moment in which a signal leaves something behind. */
export function takeSignals(process: Pick<NodeJS.Process, 'on' | 'off'>): Interruption {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const listeners = events.map((name) => ({
    name,
    listener: () => {
      controller.abort(name === outputClosed ? new OutputClosed({}) : new Interrupted({ signal: name }));
      resolve();
    },
  }));
  for (const { name, listener } of listeners) process.on(name, listener);
  return {
    signal: controller.signal,
    happened: promise,
    [Symbol.dispose]: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
