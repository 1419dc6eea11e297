import { oneLine } from './one-line.ts';

/**
 * Reading what should have a shape and need not: old clusters leave fields out, other controllers write statuses too, and whatever stands
 * in the way of a diagnosis is then the very thing to be diagnosed. Nothing here throws.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function items(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** One line; empty when it is no text. */
export function text(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : '';
}

export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/**
 * Milliseconds, at most `now`: clocks of nodes differ, and an age below 0 would never reach a grace. The zero time that the kubelet writes
 * for what never began is none.
 */
export function time(value: unknown, now: number): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at) || at <= 0) return undefined;
  return at > now ? now : at;
}

export function earliest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((least, at) => (least === undefined || (at !== undefined && at < least) ? at : least), undefined);
}

export function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((most, at) => (most === undefined || (at !== undefined && at > most) ? at : most), undefined);
}
