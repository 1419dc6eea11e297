import { EphemeraError, messageOf } from '@ephemera/model';
import type { WebSocket } from 'ws';
import { Unreachable } from '../errors.ts';
import { channels } from './channels.ts';
import type { ExecEnd, ExecStream } from './exec-stream.ts';
import type { OpenedSocket } from './handshake.ts';
import { createInput } from './input.ts';
import { createOutput } from './output.ts';
import { startPulse } from './pulse.ts';
import { execFailure } from './refusal.ts';
import { readExecStatus } from './status.ts';
import { createTail } from './tail.ts';

export interface Attachment {
  readonly server: string;
  readonly what: string;
  readonly stdin: boolean;
  readonly pingEveryMs: number;
  /** Called once, when the stream has ended. */
  readonly onEnd: () => void;
}

/** A stream, and the way to end it from this side with what its reader and its writers are to be thrown. */
export interface Attached {
  readonly stream: ExecStream;
  breakOff(problem: Error): void;
}

const stderrBytes = 4 * 1024;
/** How long the other side may take to answer our goodbye. */
const goodbyeMs = 1_000;

/** The exec stream over a WebSocket that is open and paused. */
export function attach(
  { socket, raw }: OpenedSocket,
  { server, what, stdin, pingEveryMs, onEnd }: Attachment,
): Attached {
  const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<ExecEnd>();
  const stderr = createTail(stderrBytes);
  let isOver = false;
  let socketError: Error | undefined;

  const lost = (problem: string): ExecEnd => ({
    kind: 'lost',
    problem,
    error: new Unreachable({ server, problem }, socketError && { cause: socketError }),
  });
  const output = createOutput({
    hold: () => {
      socket.pause();
      pulse.hold();
    },
    release: () => {
      pulse.release();
      socket.resume();
    },
  });
  const pulse = startPulse(socket, pingEveryMs, () => finish(lost(`it left ${pingEveryMs} ms pings unanswered`)));
  const input = createInput(socket, { isOpen: stdin, onSend: () => pulse.wrote() });

  /** Only the first end counts. `thrown` is what is thrown where the stream is read and written. */
  const finish = (end: ExecEnd, thrown: Error | undefined = end.kind === 'exited' ? undefined : end.error): void => {
    if (isOver) return;
    isOver = true;
    pulse.stop();
    input.end(thrown ?? new Unreachable({ server, problem: 'the command has ended' }));
    output.end(thrown);
    leave(socket, end);
    resolveEnd(end);
    onEnd();
  };
  const onStatus = (bytes: Uint8Array): void => {
    const status = readExecStatus(Buffer.from(bytes).toString());
    if (status === undefined) finish(lost('the cluster ended the stream with a status that cannot be read'));
    else if (status.kind === 'exited') finish(status);
    else finish({ ...status, error: execFailure(what, status.message) });
  };

  socket.on('message', (data) => {
    // Always one Buffer, as `binaryType` is left alone.
    const message = data as Buffer;
    if (isOver || message.byteLength < 2) return;
    const bytes = message.subarray(1);
    if (message[0] === channels.stdout) output.push(bytes);
    else if (message[0] === channels.stderr) stderr.push(bytes);
    else if (message[0] === channels.status) onStatus(bytes);
  });
  socket.on('error', (error) => (socketError = error));
  socket.on('close', (code) => {
    const why = socketError === undefined ? `code ${code}` : messageOf(socketError);
    finish(lost(`the stream ended before the cluster said how the command did (${why})`));
  });
  socket.resume();

  return {
    stream: {
      stdout: output.readable,
      stderrText: () => stderr.text(),
      write: (bytes) => input.write(bytes),
      closeStdin: () => input.closeStdin(),
      unref: () => {
        raw.unref();
        pulse.unref();
      },
      close: () => {
        if (isOver) return output.discard();
        output.discard();
        finish(lost('it was closed on this side'));
      },
      ended,
    },
    breakOff: (problem) => {
      if (isOver) return;
      output.discard(problem);
      const end = lost(`it was broken off on this side: ${messageOf(problem)}`);
      finish(problem instanceof EphemeraError && end.kind === 'lost' ? { ...end, error: problem } : end, problem);
    },
  };
}

/** What the cluster has ended gets a goodbye; what is lost or unwanted is cut. */
function leave(socket: WebSocket, end: ExecEnd): void {
  if (end.kind === 'lost') return socket.terminate();
  const timer = setTimeout(() => socket.terminate(), goodbyeMs);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
  socket.close(1000);
}
