import { count, earliest, fields, items, latest, text, time, type Fields } from './fields.ts';

/** What one Event says, however it was written: there are two generations of counters and times. */
export interface EventView {
  readonly reason: string;
  readonly message: string;
  /** At least 1. */
  readonly count: number;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  /** Which container of the pod, if it is about one. */
  readonly container: string;
  readonly about: { readonly kind: string; readonly uid: string; readonly name: string };
}

/** Oldest first. */
export function readEvents(events: unknown, now: number): readonly EventView[] {
  return items(events)
    .map((event) => readEvent(event, now))
    .toSorted((a, b) => (a.lastAt ?? 0) - (b.lastAt ?? 0));
}

function readEvent(event: Fields, now: number): EventView {
  const about = fields(event.involvedObject);
  const series = fields(event.series);
  const made = time(fields(event.metadata).creationTimestamp, now);
  const eventTime = time(event.eventTime, now);
  const first = time(event.firstTimestamp, now);
  const last = time(event.lastTimestamp, now);
  const repeated = time(series.lastObservedTime, now);
  return {
    reason: text(event.reason),
    // Put in front by whoever writes many events that differ in a name only.
    message: text(event.message).replace(/^\(combined from similar events\): /, ''),
    count: Math.max(1, count(event.count) ?? count(series.count) ?? 1),
    firstAt: earliest([first, eventTime, last]) ?? made,
    lastAt: latest([last, repeated, eventTime, first]) ?? made,
    container: /\{(.*)\}$/.exec(text(about.fieldPath))?.[1] ?? '',
    about: { kind: text(about.kind), uid: text(about.uid), name: text(about.name) },
  };
}
