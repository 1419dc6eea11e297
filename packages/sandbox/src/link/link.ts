import type { Answer } from '../wire/answer.ts';
import type { Request } from '../wire/request.ts';
import type { SandboxPlace } from '../host.ts';
import { HandleClosed, SandboxLost } from '../errors.ts';
import type { Channel, OpenChannel } from './channel.ts';
import { Connector } from './connector.ts';
import { StreamBroken } from './runner-error.ts';

export type { Channel } from './channel.ts';

/** One sandbox's runner, however often the stream to it breaks. The stream is opened by the first use, and again by the next one. */
export interface Link {
  /** The sandbox's, for messages. */
  readonly id: string;
  /**
   * A request with a short answer: everything up to END. An ERROR is thrown as RunnerError. Where the stream breaks before END it is
   * sent again if `repeat` says that this does no harm; else SandboxLost says that nothing is known.
   */
  ask(request: Request, options?: AskOptions): Promise<readonly Answer[]>;
  /**
   * Opens a channel, connecting where there is no stream. Requests leave in the order of the calls, and those of one turn in one write. The signal
   * counts for as long as the channel is open. Throws what ended the sandbox, SandboxLost, or the signal's reason.
   */
  open(request: Request, options?: OpenOptions): Promise<Channel>;
  /** Ends the stream and everything that waits for it. Nothing can be asked afterwards. May be called twice. */
  dispose(): void;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface AskOptions extends OpenOptions {
  /** Default false. */
  readonly repeat?: boolean | undefined;
}

export interface LinkOptions {
  /** Of all later commands. Undefined: leave what another process has given. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How long to try until SandboxLost. Default 120,000. */
  readonly lostAfterMs?: number | undefined;
  /** The stream is closed when nothing was asked for so long. Default 30,000. */
  readonly idleCloseMs?: number | undefined;
  /** How often a silent stream is asked whether it lives; it is given up after two such times of silence. Default 10,000. */
  readonly pingEveryMs?: number | undefined;
  /** For opening a stream, and for the first answer on it. Default 15,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest wait between two attempts. Default 5,000. */
  readonly mostBackoffMs?: number | undefined;
}

export function createLink(place: SandboxPlace, options: LinkOptions = {}): Link {
  const lostAfterMs = options.lostAfterMs ?? 120_000;
  const connector = new Connector(place, {
    env: options.env && Object.entries(options.env).map(([name, value]) => `${name}=${value}`),
    lostAfterMs,
    idleCloseMs: options.idleCloseMs ?? 30_000,
    pingEveryMs: options.pingEveryMs ?? 10_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 15_000,
    mostBackoffMs: options.mostBackoffMs ?? 5_000,
  });

  async function open(request: Request, { signal }: OpenOptions = {}): Promise<Channel> {
    signal?.throwIfAborted();
    for (;;) {
      const session = connector.current ?? (await connector.connect(signal));
      // It may have ended while this call was on its way back from waiting.
      if (connector.current !== session) continue;
      const channel = session.open(request);
      if (signal) endWith(channel, signal);
      return channel;
    }
  }

  async function ask(request: Request, { signal, repeat = false }: AskOptions = {}): Promise<readonly Answer[]> {
    const since = performance.now();
    for (;;) {
      const channel = await open(request, { signal });
      try {
        return await all(channel);
      } catch (error) {
        if (!(error instanceof StreamBroken)) throw error;
        const forMs = Math.round(performance.now() - since);
        if (!repeat || forMs >= lostAfterMs) {
          throw new SandboxLost({ id: place.id, forMs, problem: error.message }, { cause: error });
        }
      }
    }
  }

  return {
    id: place.id,
    ask,
    open,
    dispose: () => connector.end(new HandleClosed({ id: place.id })),
  };
}

async function all(channel: Channel): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for await (const answer of channel.answers) answers.push(answer);
  return answers;
}

function endWith(channel: OpenChannel, signal: AbortSignal): void {
  const onAbort = () => channel.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  channel.whenSettled(() => signal.removeEventListener('abort', onAbort));
}
