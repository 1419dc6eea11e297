import { expect, test } from 'vitest';
import { extentFor, inTurn } from './turns.ts';

test('each way comes once in every round, and goes first as often as the others', () => {
  const ways = ['pod', 'sandbox', 'peer'];
  const order = inTurn(ways, 6);
  const rounds = Array.from({ length: 6 }, (_, round) => order.slice(round * 3, round * 3 + 3));
  expect(rounds.every((round) => new Set(round).size === ways.length)).toBe(true);
  expect(rounds.map(([first]) => first)).toEqual(['pod', 'sandbox', 'peer', 'pod', 'sandbox', 'peer']);
});

test('fifty at once are measured beside twenty starts and a thousand handles, and a small count is a short run', () => {
  expect(extentFor(50)).toEqual({ rounds: 20, transfers: 5, handles: 1_000 });
  expect(extentFor(2)).toEqual({ rounds: 2, transfers: 2, handles: 40 });
});
