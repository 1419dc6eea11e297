import { expect, test } from 'vitest';
import { kept } from './kept.ts';

test('whoever asks while it is found out waits for the same answer, which is good for its time', async () => {
  let runs = 0;
  const ask = kept(async () => (runs += 1), 60_000);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(1);
});

test('an answer that is too old is asked for anew', async () => {
  let runs = 0;
  const ask = kept(async () => (runs += 1), 0);
  expect([await ask(), await ask()]).toEqual([1, 2]);
});

test('a failure goes to those who waited for it, and the next one asks again', async () => {
  let runs = 0;
  const ask = kept(async () => {
    runs += 1;
    if (runs === 1) throw new Error('away');
    return runs;
  }, 60_000);
  const answers = await Promise.allSettled([ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask()).toBe(2);
});
