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
const dataBytes = 64 * 1024;
/** With its first byte. Both sides keep a whole message in memory. */
const messageBytes = dataBytes + 1;

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
  /** Messages that have left, to be filled again while others are on their way: new memory for each would keep the collector busy. */
  let spare: Buffer[] = [];
  let underWay = 0;

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
  const send = (message: Buffer): void => {
    underWay += 1;
    // An error of one message is the end of the socket, which is told by its own events.
    socket.send(message, () => {
      underWay -= 1;
      if (underWay === 0) spare = [];
      else if (message.byteLength === messageBytes) spare.push(message);
      awaken();
    });
    onSend();
  };
  const sendData = (part: Uint8Array): void => {
    const length = part.byteLength + 1;
    const message = (length === messageBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafe(length);
    message[0] = channels.stdin;
    message.set(part, 1);
    send(message);
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
        for (let at = 0; at < bytes.byteLength; at += dataBytes) {
          await room();
          sendData(bytes.subarray(at, at + dataBytes));
        }
        await room();
      }),
    closeStdin: () =>
      inTurn(async () => {
        await room();
        if (isClosed) return;
        isClosed = true;
        send(Buffer.of(channels.close, channels.stdin));
      }),
    end: (problem) => {
      over ??= { problem };
      awaken();
    },
  };
}
