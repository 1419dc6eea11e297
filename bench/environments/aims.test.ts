import { expect, test } from 'vitest';
import { figuresOf, growthOf } from './aims.ts';
import type { Product } from './product.ts';

const product: Product = {
  instance: 'abc',
  answers: [10, 20, 240],
  closeAnswers: [30],
  readies: [1_000, 2_000, 3_000],
  readyTotal: 3_000,
  goneTotal: 6_000,
  toldTotal: 5_000,
  writes: 12,
  memoryBefore: 100,
  memoryPeak: 199,
  stop: { code: 0, ms: 800 },
};

function figure(name: string, raw = { createdMs: 1_000, deletedMs: 5_000 }, change: Partial<Product> = {}) {
  return figuresOf(3, raw, { ...product, ...change }).find((each) => each.name === `environments.3.${name}`);
}

test('a run is held against the raw limit of the same run', () => {
  expect(figure('ready_total')).toMatchObject({ value: 3, ratio: 3, ok: true });
  expect(figure('ready_total', { createdMs: 900, deletedMs: 5_000 })).toMatchObject({ ok: false });
  expect(figure('gone_total')).toMatchObject({ value: 6, ratio: 1.2, ok: true });
  expect(figure('gone_total', { createdMs: 1_000, deletedMs: 4_900 })).toMatchObject({ ok: false });
});

test('the slowest answers count, of opening and of closing alike', () => {
  expect(figure('webhook_answer_p99')).toMatchObject({ value: 240, ok: true });
  expect(figure('webhook_answer_p99', undefined, { closeAnswers: [251] })).toMatchObject({ value: 251, ok: false });
});

test('memory is the most that the server ever had, and a server that was killed has not stopped well', () => {
  expect(figure('server_rss_peak', undefined, { memoryPeak: 201 })).toMatchObject({ ok: false });
  expect(figure('server_stop', undefined, { stop: { code: null, ms: 30_000 } })).toMatchObject({ ok: false });
});

test('growth is linear when each environment takes as long as in the run before', () => {
  const runs = [
    { count: 10, product: { readyTotal: 1_000, goneTotal: 6_000 } },
    { count: 100, product: { readyTotal: 10_000, goneTotal: 80_000 } },
  ];
  expect(growthOf(runs)).toMatchObject([
    { name: 'environments.100.ready_for_each', value: 100, ratio: 1, ok: true },
    { name: 'environments.100.gone_for_each', value: 800, ok: false },
  ]);
});
