import type { JobLogLine } from '@ephemera/job';

/**
 * Where in the logs of a job a reader is: for each pod, by the end of its name, the newest time that a line of it had, and how many lines
 * came after that one, as `x7k2p:0t7hzk0u1b2c3,9fj3a:0t7hzk1000000.2`. A log is read anew by whoever comes back; what the reader has is
 * left out. A count of lines from the beginning would not do: a node that exchanges a log that has grown large begins it later.
 */
export interface LogPosition {
  /** Takes a line; undefined when the reader has it already. */
  take(line: Pick<JobLogLine, 'pod' | 'at'>): TakenLine | undefined;
}

export interface TakenLine {
  readonly id: string;
  /** Lines of this pod before it are lost to the reader: the last one that it has is no longer kept. */
  readonly isAfterGap: boolean;
}

interface Had {
  /** Sorts as the times do. */
  readonly newest: string;
  /** Lines after it that are not newer: times of standard output and standard error can cross, and parts of a line have none. */
  readonly after: number;
}

/** A job has four pods at most; disruptions may add some. */
const mostPods = 32;
const form = /^[a-z0-9]{1,63}:[a-z0-9]{13}(\.\d{1,9})?(,[a-z0-9]{1,63}:[a-z0-9]{13}(\.\d{1,9})?){0,31}$/;

/** From the id of the last line that the reader has. One that is none of ours counts as none: everything is sent. */
export function logPosition(lastEventId?: string): LogPosition {
  const has = read(lastEventId);
  const passing = new Map(Array.from(has, ([pod, { newest, after }]) => [pod, passer(newest, after)]));
  return {
    take: ({ pod, at }) => {
      const key = pod.slice(pod.lastIndexOf('-') + 1);
      const time = at && timeText(at);
      const passed = passing.get(key)?.(time);
      if (passed === 'had') return undefined;
      passing.delete(key);
      const { newest = '', after = 0 } = has.get(key) ?? {};
      has.set(key, time !== undefined && time > newest ? { newest: time, after: 0 } : { newest, after: after + 1 });
      return { id: idOf(has), isAfterGap: passed === 'gap' };
    },
  };
}

/** Tells of each line of one pod, from the beginning, whether the reader has it, until it has not. */
function passer(newest: string, after: number): (time: string | undefined) => 'had' | 'new' | 'gap' {
  let isFound = false;
  let left = after;
  return (time) => {
    const isNewer = time !== undefined && time > newest;
    if (!isFound) {
      isFound = time === newest;
      return isNewer ? 'gap' : 'had';
    }
    if (isNewer || left === 0) return 'new';
    left -= 1;
    return 'had';
  };
}

function read(lastEventId: string | undefined): Map<string, Had> {
  if (lastEventId === undefined || !form.test(lastEventId)) return new Map();
  return new Map(
    lastEventId.split(',').map((part) => {
      const [pod = '', newest = '', after = '0'] = part.split(/[:.]/);
      return [pod, { newest, after: Number(after) }];
    }),
  );
}

function idOf(has: ReadonlyMap<string, Had>): string {
  return [...has]
    .slice(-mostPods)
    .map(([pod, { newest, after }]) => `${pod}:${newest.padStart(13, '0')}${after === 0 ? '' : `.${after}`}`)
    .join(',');
}

/** Of one length, so that texts are in the order of the times. */
function timeText({ second, nanosecond }: NonNullable<JobLogLine['at']>): string {
  return second.toString(36).padStart(7, '0') + nanosecond.toString(36).padStart(6, '0');
}
