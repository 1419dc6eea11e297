import { expect, test } from 'vitest';
import { createTurns, type Turn } from './turns.ts';

function setUp() {
  const clock = { now: 0 };
  const take = createTurns(() => clock.now);
  /** How long to wait; 0: it was asked and answered. */
  const ask = (ownerId: number, isKnown = false) => ended(take({ ownerId, isKnown }));
  return { clock, take, ask };
}

function ended(turn: Turn): number {
  if ('retryAfterSeconds' in turn) return turn.retryAfterSeconds;
  turn[Symbol.dispose]();
  return 0;
}

const count = (length: number, one: (index: number) => number) => Array.from({ length }, (_, index) => one(index));

test('an account without the App is asked about once in a minute', () => {
  const { clock, ask } = setUp();
  expect([ask(1), ask(1), ask(2)]).toEqual([0, 60, 0]);
  clock.now = 59_000;
  expect(ask(1)).toBe(1);
  clock.now = 60_000;
  expect(ask(1)).toBe(0);
});

test('all accounts without the App together are asked about thirty times in a minute', () => {
  const { clock, ask } = setUp();
  expect(count(40, (index) => ask(index)).filter((wait) => wait === 0)).toHaveLength(30);
  clock.now = 20_000;
  expect(count(40, (index) => ask(100 + index)).filter((wait) => wait === 0)).toHaveLength(10);
});

test('who asks too often takes nothing from others', () => {
  const { ask } = setUp();
  count(100, () => ask(1));
  expect(count(29, (index) => ask(2 + index)).every((wait) => wait === 0)).toBe(true);
});

test('an account with the App may ask thirty times in a minute, whatever others do', () => {
  const { ask } = setUp();
  count(40, (index) => ask(index));
  count(40, () => ask(7, true));
  expect(count(40, () => ask(8, true)).filter((wait) => wait === 0)).toHaveLength(30);
});

test('four questions of a group are asked at once, and the next one when one of them is answered', () => {
  const { take } = setUp();
  const turns = count(5, (index) => index).map((ownerId) => take({ ownerId, isKnown: false }));
  expect(turns.map((turn) => 'retryAfterSeconds' in turn)).toEqual([false, false, false, false, true]);
  expect('retryAfterSeconds' in take({ ownerId: 9, isKnown: true })).toBe(false);
  for (const turn of turns.slice(0, 1)) ended(turn);
  // The one that was refused has not spent its turn.
  expect('retryAfterSeconds' in take({ ownerId: 4, isKnown: false })).toBe(false);
});
