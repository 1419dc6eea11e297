import type { WebSocket } from 'ws';
import { channels } from './channels.ts';

/** Bytes on their way to the program's standard input. */
export interface Input {
  write(bytes: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  /** Everything that waits, and every later call, throws `problem`. */
  end(problem: Error): void;
}

/** Nothing is added while so much has not left for the network. */
const highBytes = 1024 * 1024;
/** Both sides keep a whole message in memory. */
const messageBytes = 64 * 1024;

export interface InputOptions {
  /** Whether there is anything to write to. */
  readonly isOpen: boolean;
  readonly onSend: () => void;
}

export function createInput(socket: WebSocket, { isOpen, onSend }: InputOptions): Input {
  let isClosed = !isOpen;
  let over: { readonly problem: Error } | undefined;
  /** Writes leave in the order of their calls, whole. */
  let turn: Promise<unknown> = Promise.resolve();
  let wake: (() => void) | undefined;

  const awaken = () => {
    wake?.();
    wake = undefined;
  };
  const room = async (): Promise<void> => {
    const isFull = () => over === undefined && socket.bufferedAmount > highBytes;
    while (isFull()) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (over !== undefined) throw over.problem;
  };
  const send = (message: Uint8Array): void => {
    // An error of one message is the end of the socket, which is told by its own events.
    socket.send(message, awaken);
    onSend();
  };
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  return {
    write: (bytes) =>
      inTurn(async () => {
        if (isClosed && over === undefined) throw new TypeError('standard input is closed');
        for (let at = 0; at < bytes.byteLength; at += messageBytes) {
          await room();
          const part = bytes.subarray(at, at + messageBytes);
          const message = Buffer.allocUnsafe(part.byteLength + 1);
          message[0] = channels.stdin;
          message.set(part, 1);
          send(message);
        }
        await room();
      }),
    closeStdin: () =>
      inTurn(async () => {
        await room();
        if (isClosed) return;
        isClosed = true;
        send(Uint8Array.of(channels.close, channels.stdin));
      }),
    end: (problem) => {
      over ??= { problem };
      awaken();
    },
  };
}
