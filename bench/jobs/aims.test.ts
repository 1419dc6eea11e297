import { expect, test } from 'vitest';
import { compileFigures, runFigures, statusFigures } from './aims.ts';

test('jobs are held against raw calls of the same run, by medians', () => {
  const rounds = { raw: [1_000, 900, 5_000], followed: [1_100, 1_000, 9_000], watched: [1_101, 1_200, 1_000] };
  expect(runFigures(40, rounds)).toMatchObject([
    { name: 'jobs.40.raw_complete', value: 1, unit: 's' },
    { name: 'jobs.40.followed_complete', value: 1.1, ratio: 1.1, ok: true },
    { name: 'jobs.40.watched_complete', value: 1.101, ok: false },
  ]);
});

test('compiling is told for each manifest', () => {
  expect(compileFigures({ compile: [500, 400, 450], fromText: [2_000] }, 1_000)).toMatchObject([
    { name: 'jobs.compile_each', value: 0.45, unit: 'ms' },
    { name: 'jobs.read_and_compile_each', value: 2, unit: 'ms' },
  ]);
});

test('statuses of many jobs have to come by one watch', () => {
  const measured = {
    raw: [100],
    known: [150],
    changeKnown: [7, 9, 8],
    rawBytes: 1_000,
    bytes: 1_200,
    heapBytes: 2 ** 20,
    watches: 1,
  };
  const figures = statusFigures(1_000, measured);
  expect(figures).toContainEqual(expect.objectContaining({ name: 'jobs.status_of_1000.all_known', ratio: 1.5 }));
  expect(figures).toContainEqual(expect.objectContaining({ name: 'jobs.status_of_1000.change_known', value: 8 }));
  expect(figures).toContainEqual(expect.objectContaining({ name: 'jobs.status_of_1000.bytes', ratio: 1.2 }));
  expect(figures).toContainEqual(expect.objectContaining({ name: 'jobs.status_of_1000.heap', value: 1, unit: 'MiB' }));
  expect(figures.at(-1)).toMatchObject({ value: 1, ok: true });
  expect(statusFigures(1_000, { ...measured, watches: 2 }).at(-1)).toMatchObject({ ok: false });
});
