import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

class Down extends Error {}

function work() {
  const turn = createTurns(2, (error) => error instanceof Down);
  const begun: number[] = [];
  const ends = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
  const results = ends.map(({ promise }, index) =>
    turn(async () => {
      begun.push(index);
      await promise;
      return index;
    }),
  );
  for (const result of results) result.catch(() => {});
  return { begun, ends, results };
}

test('so much runs at once, and the rest in its order', async () => {
  const { begun, ends, results } = work();
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.resolve();
  await results[1];
  ends[2]?.resolve();
  await results[2];
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('an ordinary failure is one’s own; one that concerns all ends those that wait, and what comes later has its turn again', async () => {
  const { begun, ends, results } = work();
  ends[0]?.reject(new Error('mine'));
  await expect(results[0]).rejects.toThrow('mine');
  ends[1]?.reject(new Down('for all'));
  for (const index of [1, 3, 4, 5]) await expect(results[index]).rejects.toThrow('for all');
  ends[2]?.resolve();
  expect(await results[2]).toBe(2);
  expect(begun).toEqual([0, 1, 2]);
});
