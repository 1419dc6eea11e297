import type { Cluster } from '@ephemera/kube';
import type { Pod } from '@ephemera/model';
import { bell } from './bell.ts';
import { containersOf } from './containers-of.ts';
import { logQueue } from './log-queue.ts';
import { readLog } from './read-log.ts';

export interface LogLine {
  readonly pod: string;
  readonly container: string;
  readonly line: string;
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
  /** Nothing starts any more: ends when all that is left has been read, or after so long. False: some was not read. */
  drain(timeoutMs: number): Promise<boolean>;
}

/** Reads the logs of all containers of all pods that it is told of, each from its start. */
export function podLogs(options: PodLogsOptions): PodLogs {
  const queue = logQueue();
  const news = bell();
  const pods = new Map<string, Pod | undefined>();
  const readers = new Set<Promise<void>>();
  let ending = false;

  const read = (uid: string, pod: string, container: string): void => {
    const { cluster, namespace, tailLines, signal, onLine, onWarning, onFailure } = options;
    const reader = readLog({
      cluster,
      namespace,
      pod,
      container,
      tailLines,
      queue,
      signal,
      seen: () => {
        const present = pods.get(uid);
        return present && containersOf(present).find(({ name }) => name === container);
      },
      ending: () => ending,
      news,
      onLine: (line) => onLine({ pod, container, line }),
      onWarning,
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
      const isNew = !pods.has(uid);
      pods.set(uid, pod);
      if (isNew) {
        for (const container of containersOf(pod))
          if (options.container === undefined || options.container === container.name) read(uid, name, container.name);
      }
      news.ring();
    },
    gone: ({ metadata: { uid = '' } }) => {
      if (pods.has(uid)) pods.set(uid, undefined);
      news.ring();
    },
    drain: async (timeoutMs) => {
      ending = true;
      news.ring();
      const late = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => late.resolve(false), timeoutMs);
      const read = async (): Promise<boolean> => {
        await Promise.all(readers);
        return true;
      };
      return Promise.race([read(), late.promise]).finally(() => clearTimeout(timer));
    },
  };
}
