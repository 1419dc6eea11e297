import { percentile, type Figure } from '../figures.ts';
import type { Product } from './product.ts';
import type { Raw } from './raw.ts';

const answerMs = 250;
const createRatio = 3;
const deleteRatio = 1.2;
const memoryMiB = 200;
/** More than this much longer per environment than at the count before is not linear any more. */
const growth = 1.25;

/** One run's figures, held against the aims. Pure. */
export function figuresOf(count: number, raw: Raw, product: Product): readonly Figure[] {
  const name = (what: string) => `environments.${count}.${what}`;
  const p99 = percentile([...product.answers, ...product.closeAnswers], 99);
  const created = product.readyTotal / raw.createdMs;
  const deleted = product.goneTotal / raw.deletedMs;
  return [
    { name: name('webhook_answer_p50'), value: percentile(product.answers, 50), unit: 'ms' },
    { name: name('webhook_answer_p99'), value: p99, unit: 'ms', goal: `≤ ${answerMs} ms`, ok: p99 <= answerMs },
    { name: name('ready_p50'), value: percentile(product.readies, 50) / 1000, unit: 's' },
    { name: name('ready_p95'), value: percentile(product.readies, 95) / 1000, unit: 's' },
    { name: name('raw_create_total'), value: raw.createdMs / 1000, unit: 's' },
    {
      name: name('ready_total'),
      value: product.readyTotal / 1000,
      unit: 's',
      ratio: created,
      goal: `≤ ${createRatio} × raw`,
      ok: created <= createRatio,
    },
    { name: name('raw_delete_total'), value: raw.deletedMs / 1000, unit: 's' },
    {
      name: name('gone_total'),
      value: product.goneTotal / 1000,
      unit: 's',
      ratio: deleted,
      goal: `≤ ${deleteRatio} × raw`,
      ok: deleted <= deleteRatio,
    },
    { name: name('github_writes'), value: product.writes, unit: 'calls' },
    { name: name('github_told_total'), value: product.toldTotal / 1000, unit: 's' },
    { name: name('server_rss_before'), value: product.memoryBefore, unit: 'MiB' },
    {
      name: name('server_rss_peak'),
      value: product.memoryPeak,
      unit: 'MiB',
      goal: `≤ ${memoryMiB} MiB`,
      ok: product.memoryPeak <= memoryMiB,
    },
    {
      name: name('server_stop'),
      value: product.stop.ms / 1000,
      unit: 's',
      goal: 'exit 0',
      ok: product.stop.code === 0,
    },
  ];
}

export interface Growing {
  readonly count: number;
  readonly product: Pick<Product, 'readyTotal' | 'goneTotal'>;
}

/** Whether twice as many take no more than twice as long: the time for each environment, beside that of the run before. Pure. */
export function growthOf(runs: readonly Growing[]): readonly Figure[] {
  return runs.slice(1).flatMap((run, at) => {
    const before = runs[at] ?? run;
    return (['readyTotal', 'goneTotal'] as const).map((total) => {
      const each = run.product[total] / run.count;
      const ratio = each / (before.product[total] / before.count);
      return {
        name: `environments.${run.count}.${total === 'readyTotal' ? 'ready' : 'gone'}_for_each`,
        value: each,
        unit: 'ms',
        ratio,
        goal: `≤ ${growth} × at ${before.count}`,
        ok: ratio <= growth,
      };
    });
  });
}
