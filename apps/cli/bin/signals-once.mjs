const REPEAT_MS = 250;
const INTERRUPTS = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/**
 * Makes one of the copies in which a signal arrives: a terminal signals every process of its group, and npm and our own launcher
 * pass on what they got, so one Ctrl-C is seen up to three times within milliseconds. A program that takes a second Ctrl-C as
 * "stop at once" would never stop properly.
 *
 * Node binds `process.emit` when the first listener is added: this must run before the program's own code.
 */
export function deliverSignalsOnce() {
  /** @type {Map<string | symbol, number>} */
  const seen = new Map();
  const emit = process.emit.bind(process);
  /** @type {(event: string | symbol, ...rest: unknown[]) => boolean} */
  const emitOnce = (event, ...rest) => {
    if (INTERRUPTS.has(String(event))) {
      const now = performance.now();
      const last = seen.get(event);
      seen.set(event, now);
      if (last !== undefined && now - last < REPEAT_MS) return true;
    }
    return Reflect.apply(emit, undefined, [event, ...rest]);
  };
  process.emit = /** @type {typeof process.emit} */ (emitOnce);
}
