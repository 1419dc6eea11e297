/**
 * Where in the logs of a job a reader is: how many lines of each pod it has, as `x7k2p:120,9fj3a:4` with the end of each pod's name. A log
 * is read anew from its beginning by whoever comes back, as lines have no number of their own in the cluster; what it has already is left out.
 */
export interface LogPosition {
  /** Counts a line; the id that it is sent with, or undefined when the reader has it already. */
  take(pod: string): string | undefined;
}

/** A job has four pods at most; disruptions may add some. */
const mostPods = 32;
const form = /^[a-z0-9]{1,63}:\d{1,9}(,[a-z0-9]{1,63}:\d{1,9}){0,31}$/;

/** From the id of the last line that the reader has. One that is none of ours counts as none: everything is sent. */
export function logPosition(lastEventId?: string): LogPosition {
  const has = new Map<string, number>();
  if (lastEventId !== undefined && form.test(lastEventId)) {
    for (const part of lastEventId.split(',')) {
      const [pod = '', lines = ''] = part.split(':');
      has.set(pod, Number(lines));
    }
  }
  const counted = new Map<string, number>();
  return {
    take: (pod) => {
      const key = pod.slice(pod.lastIndexOf('-') + 1);
      const count = (counted.get(key) ?? 0) + 1;
      counted.set(key, count);
      if (count <= (has.get(key) ?? 0)) return undefined;
      has.set(key, count);
      return [...has]
        .slice(-mostPods)
        .map(([name, lines]) => `${name}:${lines}`)
        .join(',');
    },
  };
}
