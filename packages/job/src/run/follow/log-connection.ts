import { goesOn, type Cluster } from '@ephemera/kube';
import type { LogCursor, Taken } from './log-cursor.ts';
import type { LogTime } from './stamped-line.ts';

/** Where one log is. */
export interface LogPlace {
  readonly cluster: Pick<Cluster, 'logs'>;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A line, or a part of one that is over 1 MiB. */
export interface LogText {
  readonly line: string;
  /** The next line of this container goes on with this one. */
  readonly continues?: true;
  /** When the node took it; the parts of a line after the first have none. The times of standard output and standard error can cross. */
  readonly at?: LogTime;
}

export interface ConnectionOptions {
  readonly follow: boolean;
  readonly previous?: boolean | undefined;
  readonly tailLines?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ends it without an error. */
  readonly stop?: AbortSignal | undefined;
  /** Called when the first line is there, before it is taken. */
  readonly before?: (() => Promise<void>) | undefined;
  /** Called for whatever comes, also for what was read before. */
  readonly onAlive?: (() => void) | undefined;
  readonly onLine: (text: LogText) => void | Promise<void>;
  /** What the node says in place of a log. */
  readonly onNotice: (notice: string) => void;
}

/** Reads one log over one connection, from where the cursor stands. Throws what the cluster throws. */
export async function readConnection(place: LogPlace, cursor: LogCursor, options: ConnectionOptions): Promise<void> {
  const { namespace, pod, container, cluster } = place;
  const { follow, previous = false, tailLines, signal, stop, onLine, onNotice } = options;
  const { sinceTime } = cursor;
  const signals = [signal, stop].filter((one) => one !== undefined);
  const lines = cluster.logs({
    namespace,
    pod,
    container,
    follow,
    previous,
    timestamps: true,
    ...(sinceTime !== undefined && { sinceTime }),
    ...(sinceTime === undefined && tailLines !== undefined && { tailLines }),
    signal: AbortSignal.any(signals),
  });
  let begun = false;
  try {
    for await (const line of lines) {
      if (!begun) {
        await options.before?.();
        cursor.begin();
      }
      begun = true;
      options.onAlive?.();
      const taken = cursor.take(line);
      if (taken?.type === 'line') await onLine(textOf(taken, goesOn(line)));
      if (taken?.type === 'notice') onNotice(taken.text);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (stop?.aborted) return;
    throw error;
  }
}

function textOf({ text, at }: Taken, continues: boolean): LogText {
  return { line: text, ...(continues && { continues }), ...(at && { at }) };
}
