import { expect, test } from 'vitest';
import { roundsFor, turns, WAYS } from './turns.ts';

test.each([1, 40])('with %i jobs each way goes first, second and last equally often', (count) => {
  const rounds = roundsFor(count);
  const order = turns(rounds);
  for (const way of WAYS) {
    const places = order.flatMap((each, at) => (each === way ? [at % WAYS.length] : []));
    expect(places.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: rounds }, (_, at) => Math.floor((at * WAYS.length) / rounds)),
    );
  }
});
