import { expect, test } from 'vitest';
import { logPosition } from './log-position.ts';

const pods = { first: 'pr-job-shop-1700000000000-x7k2p', second: 'pr-job-shop-1700000000000-9fj3a' };

test('a line’s id says how many lines of each pod there were', () => {
  const position = logPosition();
  expect(position.take(pods.first)).toBe('x7k2p:1');
  expect(position.take(pods.first)).toBe('x7k2p:2');
  expect(position.take(pods.second)).toBe('x7k2p:2,9fj3a:1');
});

test('a reader that comes back gets what it does not have, of every pod', () => {
  const position = logPosition('x7k2p:2,9fj3a:1');
  expect(position.take(pods.first)).toBeUndefined();
  expect(position.take(pods.first)).toBeUndefined();
  expect(position.take(pods.first)).toBe('x7k2p:3,9fj3a:1');
  expect(position.take(pods.second)).toBeUndefined();
  expect(position.take(pods.second)).toBe('x7k2p:3,9fj3a:2');
});

test('a pod that is gone stays in the id, so that nothing of it is sent again should it come back', () => {
  const position = logPosition('aaaaa:7');
  expect(position.take(pods.first)).toBe('aaaaa:7,x7k2p:1');
});

test.each(['', '17', 'x7k2p', 'x7k2p:', 'X:1', 'a:1;b:2', 'a:1234567890', 'a:1,'.repeat(100), '\n'])(
  'an id that is none of ours, such as %j, leaves nothing out',
  (id) => {
    expect(logPosition(id).take(pods.first)).toBe('x7k2p:1');
  },
);
