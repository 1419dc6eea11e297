import type { WebSocket } from 'ws';

/** Asks the other side again and again whether it is there: a peer that vanished says nothing, and its socket stays open for ever. */
export interface Pulse {
  /**
   * The reader is slow, so answers are not read either: silence means nothing until `release`. It is asked all the same: on its way are
   * load balancers that cut what is idle.
   */
  hold(): void;
  release(): void;
  /** Something was written to the program. */
  wrote(): void;
  /** Its clock does not keep the process alive. */
  unref(): void;
  stop(): void;
}

const mostUnanswered = 2;
/**
 * The API server reads the next message, and so the question, only when the program has taken the last one: one that leaves its input
 * alone looks like a dead peer. After something was written, silence is believed later.
 */
const mostUnansweredAfterWriting = 12;

export function startPulse(socket: WebSocket, everyMs: number, onDead: () => void): Pulse {
  let unanswered = 0;
  let hasWritten = false;
  let held = false;
  const onSign = () => {
    unanswered = 0;
    hasWritten = false;
  };
  const beat = () => {
    if (!held && unanswered >= (hasWritten ? mostUnansweredAfterWriting : mostUnanswered)) return onDead();
    if (!held) unanswered += 1;
    socket.ping();
  };
  const timer = setInterval(beat, everyMs);
  for (const sign of ['message', 'ping', 'pong'] as const) socket.on(sign, onSign);
  return {
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      unanswered = 0;
    },
    wrote: () => {
      hasWritten = true;
    },
    unref: () => void timer.unref(),
    stop: () => clearInterval(timer),
  };
}
