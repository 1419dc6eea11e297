import { expect, test } from 'vitest';
import { processorSeconds, secondsIn } from './processor-time.ts';

test('the time of a process is read behind its name, whatever that is', () => {
  expect(secondsIn('42 (a) b) 9 (c) S 1 42 42 0 -1 4194560 9 0 0 0 250 50 7 7 20 0 11 0 123\n')).toBe(3);
});

test('of a process that is not there it is not a number', () => {
  expect(processorSeconds(2 ** 30)).toBeNaN();
});
