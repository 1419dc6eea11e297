/** When a node took a line. */
export interface LogTime {
  /** Whole seconds since 1970. */
  readonly second: number;
  /** Within that second, 0 to 999 999 999. */
  readonly nanosecond: number;
}

/** One line of a log that was asked for with time stamps. */
export interface StampedLine extends LogTime {
  readonly text: string;
}

const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?: |$)/;

/** Undefined for a line without a stamp: what the node says instead of a log, or the rest of a line that came in parts. Pure. */
export function readStamp(line: string): StampedLine | undefined {
  const [stamp, time = '', fraction = '', zone = ''] = form.exec(line) ?? [];
  // Nodes write in their own time zone.
  const ms = Date.parse(time + zone);
  if (stamp === undefined || Number.isNaN(ms)) return undefined;
  return { second: ms / 1000, nanosecond: Number(fraction.padEnd(9, '0')), text: line.slice(stamp.length) };
}
