import { defaults } from './defaults.ts';
import type { LooseSpec } from './manifest-schema.ts';

type Counts = Pick<LooseSpec, 'parallelism' | 'completions'>;

/** Pods at a time. Null: left out of the Job, by 0 or null in the manifest. */
export function parallelismOf({ parallelism }: Counts): number | null {
  return parallelism === undefined ? defaults.parallelism : leftOut(parallelism);
}

/** Pods that have to succeed. Null: left out of the Job, by 0 or null, and by not being set beside parallelism above 1 (a work queue). */
export function completionsOf({ parallelism, completions }: Counts): number | null {
  if (completions !== undefined) return leftOut(completions);
  return (parallelism ?? 0) > 1 ? null : defaults.completions;
}

/** A number of which 0 and null say that it is not set. */
export function leftOut(number: number | null | undefined): number | null {
  return number === undefined || number === 0 ? null : number;
}
