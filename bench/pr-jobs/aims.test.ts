import { expect, test } from 'vitest';
import { figuresOf } from './aims.ts';

const arrivals = (...times: readonly number[]) => times.map((ms) => ({ ms, problem: undefined }));
const hundred = (ms: number) => arrivals(...Array.from({ length: 100 }, () => ms));

test('creating by the endpoint is held against one POST of a Job in the same run, at p50 and p99', () => {
  const figures = figuresOf({ raw: hundred(10), created: hundred(80), perSecond: 50, cpuSeconds: 2 });
  expect(figures).toContainEqual(expect.objectContaining({ name: 'pr_jobs.raw_p50', value: 10 }));
  expect(figures).toContainEqual(
    expect.objectContaining({ name: 'pr_jobs.create_p50', value: 80, ratio: 8, ok: true }),
  );
  expect(figures).toContainEqual(expect.objectContaining({ name: 'pr_jobs.create_p99', ratio: 8, ok: true }));
  expect(figures).toContainEqual(expect.objectContaining({ name: 'pr_jobs.server_cpu_each', value: 20 }));
  const slow = figuresOf({ raw: hundred(10), created: hundred(81), perSecond: 50, cpuSeconds: 2 });
  expect(slow).toContainEqual(expect.objectContaining({ name: 'pr_jobs.create_p50', ok: false }));
});

test('a server that cannot keep up with the rate falls behind, which is told', () => {
  const queueing = arrivals(...Array.from({ length: 100 }, (_, index) => 10 + index * 20));
  const behind = (created: ReturnType<typeof arrivals>) =>
    figuresOf({ raw: hundred(10), created, perSecond: 50, cpuSeconds: 1 }).find(
      ({ name }) => name === 'pr_jobs.create_behind',
    );
  expect(behind(hundred(10))).toMatchObject({ value: 0.01, ok: true });
  expect(behind(queueing)).toMatchObject({ value: 1.99, ok: false });
});

test('what was refused or failed is counted', () => {
  const created = [...hundred(10), { ms: 1, problem: '503' }];
  expect(figuresOf({ raw: hundred(10), created, perSecond: 50, cpuSeconds: 1 })).toContainEqual(
    expect.objectContaining({ name: 'pr_jobs.create_failed', value: 1, ok: false }),
  );
});
