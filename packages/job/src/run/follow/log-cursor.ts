import { readStamp, type LogTime } from './stamped-line.ts';

/** `line` is of the container; `notice` is what the node says in its place. */
export interface Taken {
  readonly type: 'line' | 'notice';
  readonly text: string;
  /** Of a line with a stamp. */
  readonly at?: LogTime;
}

/** How far one container's log has been read, over any number of connections and restarts of the container. */
export interface LogCursor {
  /** Where the next connection begins (RFC 3339, whole seconds); undefined: at the start. */
  readonly sinceTime: string | undefined;
  /** Call it when a connection begins. */
  begin(): void;
  /** The next line as the cluster sent it, with its stamp. Undefined: it was taken before. */
  take(line: string): Taken | undefined;
}

/**
 * A log can only be asked for from a whole second on, so what was taken of that second comes again. Lines are told apart by their stamps,
 * which have nanoseconds; of several with one stamp as many are passed over as were taken. The stamps are not counted on to rise: those
 * of standard output and standard error can cross.
 */
export function logCursor(): LogCursor {
  let second: number | undefined;
  /** What it was when this connection began: all before it was taken. */
  let base: number | undefined;
  /** How many lines of that second were taken, by their nanosecond. */
  let taken = new Map<number, number>();
  /** How many of them this connection still brings again. */
  let again = new Map<number, number>();
  let last: { readonly nanosecond: number; readonly length: number } | undefined;
  /** What happens to a line without a stamp that follows one with a stamp: it is the rest of it. */
  let before: 'none' | 'taken' | 'passed' = 'none';

  const isAgain = (nanosecond: number): boolean => {
    const left = again.get(nanosecond) ?? 0;
    again.set(nanosecond, left - 1);
    return left > 0;
  };

  return {
    get sinceTime() {
      return second === undefined ? undefined : new Date(second * 1000).toISOString().replace('.000Z', 'Z');
    },
    begin: () => {
      again = new Map(taken);
      base = second;
      before = 'none';
    },
    take: (line) => {
      const stamped = readStamp(line);
      if (!stamped) {
        if (before === 'passed') return undefined;
        return { type: before === 'none' ? 'notice' : 'line', text: line };
      }
      const { nanosecond, text } = stamped;
      const at = { second: stamped.second, nanosecond };
      before = 'passed';
      if (base !== undefined && stamped.second < base) return undefined;
      if (stamped.second === second && isAgain(nanosecond)) {
        const wasLast = last?.nanosecond === nanosecond && (again.get(nanosecond) ?? 0) === 0;
        if (!last || !wasLast || text.length <= last.length) return undefined;
        // A connection that was ended in the middle of this line.
        const rest = text.slice(last.length);
        last = { nanosecond, length: text.length };
        before = 'taken';
        return { type: 'line', text: rest, at };
      }
      before = 'taken';
      // Crossed with a line of the next second. The next connection begins after it, so it need not be remembered.
      if (second !== undefined && stamped.second < second) return { type: 'line', text, at };
      if (stamped.second !== second) {
        second = stamped.second;
        taken = new Map();
        again = new Map();
      }
      taken.set(nanosecond, (taken.get(nanosecond) ?? 0) + 1);
      last = { nanosecond, length: text.length };
      return { type: 'line', text, at };
    },
  };
}
