import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '@ephemera/kube';
import type { Pod } from '@ephemera/model';
import { bell, type Bell } from './bell.ts';
import { containersOf } from './containers-of.ts';
import type { LogText } from './log-connection.ts';
import { logQueue } from './log-queue.ts';
import { readLog } from './read-log.ts';

export interface LogLine extends LogText {
  readonly pod: string;
  readonly container: string;
}

export interface PodLogsOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly container?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly signal: AbortSignal;
  readonly onLine: (line: LogLine) => Promise<void>;
  readonly onWarning: (message: string) => void;
  /** Called once, with what `onLine` threw or a mistake. */
  readonly onFailure: (error: unknown) => void;
}

export interface PodLogs {
  /** A pod as it is now. */
  see(pod: Pod): void;
  gone(pod: Pod): void;
  /**
   * Nothing starts any more: ends when all that is left has been read, or when for so long nothing has come, the time that `onLine` takes
   * not counted. False: some was not read.
   */
  drain(timeoutMs: number): Promise<boolean>;
  /** Whether anything that was written could not be read. */
  isIncomplete(): boolean;
}

interface Listened {
  /** As it was seen last; undefined when it is gone. */
  pod: Pod | undefined;
  /** For its own readers only: of a thousand pods each has its news, and all would be asked at each. */
  readonly news: Bell;
}

/** Reads the logs of all containers of all pods that it is told of, each from its start. */
export function podLogs(options: PodLogsOptions): PodLogs {
  const { cluster, namespace, tailLines, signal, onFailure } = options;
  const queue = logQueue();
  const pods = new Map<string, Listened>();
  const readers = new Set<Promise<void>>();
  let ending = false;
  let incomplete = false;
  let beingTaken = 0;
  let lastTakenAt = 0;

  const take = async (line: LogLine): Promise<void> => {
    beingTaken += 1;
    try {
      await options.onLine(line);
    } finally {
      beingTaken -= 1;
      lastTakenAt = performance.now();
    }
  };

  const read = (listened: Listened, pod: string, container: string): void => {
    const reader = readLog({
      cluster,
      namespace,
      pod,
      container,
      tailLines,
      queue,
      signal,
      seen: () => listened.pod && containersOf(listened.pod).find(({ name }) => name === container),
      ending: () => ending,
      news: listened.news,
      onLine: (text) => take({ pod, container, ...text }),
      onLost: (message) => {
        incomplete = true;
        options.onWarning(message);
      },
    })
      .catch((error: unknown) => {
        if (!signal.aborted) onFailure(error);
      })
      .finally(() => readers.delete(reader));
    readers.add(reader);
  };

  return {
    see: (pod) => {
      const { uid = '', name } = pod.metadata;
      const known = pods.get(uid);
      const listened = known ?? { pod, news: bell() };
      listened.pod = pod;
      pods.set(uid, listened);
      if (known) return known.news.ring();
      for (const container of containersOf(pod))
        if (options.container === undefined || options.container === container.name)
          read(listened, name, container.name);
    },
    gone: ({ metadata: { uid = '' } }) => {
      const listened = pods.get(uid);
      if (!listened) return;
      listened.pod = undefined;
      listened.news.ring();
    },
    drain: async (timeoutMs) => {
      ending = true;
      lastTakenAt = performance.now();
      for (const { news } of pods.values()) news.ring();
      const all = Promise.all(readers).then(() => 'read' as const);
      for (;;) {
        const leftMs = beingTaken > 0 ? timeoutMs : lastTakenAt + timeoutMs - performance.now();
        if (leftMs <= 0) {
          incomplete = true;
          return false;
        }
        const timer = new AbortController();
        const late = wait(leftMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
        const first = await Promise.race([all, late]).finally(() => timer.abort());
        if (first === 'read') return true;
      }
    },
    isIncomplete: () => incomplete,
  };
}
