import { percentile, type Figure } from '../figures.ts';
import type { Compiling } from './compile-many.ts';
import type { Rounds } from './rounds.ts';
import type { StatusOfMany } from './status-of-many.ts';

const runRatio = 1.1;
const mebibyte = 1024 * 1024;
const median = (values: readonly number[]): number => percentile(values, 50);

/** From creating so many jobs until the last is complete, by medians. Pure. */
export function runFigures(count: number, { raw, followed, watched }: Rounds): readonly Figure[] {
  const limit = median(raw);
  const against = (what: string, rounds: readonly number[]): Figure => {
    const ratio = median(rounds) / limit;
    return {
      name: `jobs.${count}.${what}`,
      value: median(rounds) / 1000,
      unit: 's',
      ratio,
      goal: `≤ ${runRatio} × raw`,
      ok: ratio <= runRatio,
    };
  };
  return [
    { name: `jobs.${count}.raw_complete`, value: limit / 1000, unit: 's' },
    against('followed_complete', followed),
    against('watched_complete', watched),
  ];
}

/** Pure. */
export function compileFigures({ compile, fromText }: Compiling, count: number): readonly Figure[] {
  return [
    { name: 'jobs.compile_each', value: median(compile) / count, unit: 'ms' },
    { name: 'jobs.read_and_compile_each', value: median(fromText) / count, unit: 'ms' },
  ];
}

/** Pure. */
export function statusFigures(count: number, measured: StatusOfMany): readonly Figure[] {
  const { raw, known, changeKnown, rawBytes, bytes, heapBytes, watches } = measured;
  const name = (what: string) => `jobs.status_of_${count}.${what}`;
  return [
    { name: name('raw_list'), value: median(raw), unit: 'ms' },
    { name: name('all_known'), value: median(known), unit: 'ms', ratio: median(known) / median(raw) },
    { name: name('change_known'), value: median(changeKnown), unit: 'ms' },
    { name: name('bytes'), value: bytes / mebibyte, unit: 'MiB', ratio: bytes / rawBytes },
    { name: name('heap'), value: heapBytes / mebibyte, unit: 'MiB' },
    { name: name('watches'), value: watches, unit: 'watches', goal: '1', ok: watches === 1 },
  ];
}
