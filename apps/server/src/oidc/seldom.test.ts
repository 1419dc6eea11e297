import { expect, test, vi } from 'vitest';
import { seldom } from './seldom.ts';

test('what is told again and again is passed on once in a minute', () => {
  const clock = { now: 0 };
  const tell = vi.fn<(what: string) => void>();
  const told = seldom(tell, { now: () => clock.now });
  for (const now of [0, 1, 59_999, 60_000, 60_001]) {
    clock.now = now;
    told(`at ${now}`);
  }
  expect(tell.mock.calls).toEqual([['at 0'], ['at 60000']]);
});
