import { expect, test } from 'vitest';
import { readFlags, type Flags } from './flags.ts';
import type { Tier } from './tiers.ts';

const allButFaults = (tier: Tier) => tier.name !== 'faults';
const read = (...args: string[]) => readFlags(args, allButFaults);
const namesOf = (flags: Flags | string) => (typeof flags === 'string' ? flags : flags.tiers.map((tier) => tier.name));

test('without options everything runs, beginning with check, as far as there are tests', () => {
  expect(read()).toMatchObject({ check: true, context: undefined, files: [] });
  expect(namesOf(read())).toEqual(['unit', 'store', 'cluster', 'journey']);
});

test('a tier runs alone, several run in their own order', () => {
  expect(read('--tier', 'unit')).toMatchObject({ check: false });
  expect(namesOf(read('--tier', 'unit'))).toEqual(['unit']);
  expect(namesOf(read('--tier=journey', '--tier=store'))).toEqual(['store', 'journey']);
});

test('a context and parts of file names are taken', () => {
  expect(read('--tier', 'cluster', '--context', 'kind', 'apply')).toMatchObject({ context: 'kind', files: ['apply'] });
});

test.each([
  [['--tier', 'slow'], 'There is no tier "slow"; the tiers are unit, store, cluster, journey, faults.'],
  [['--tier', 'faults'], 'no tests of the tier faults yet'],
  [['--tier'], "'--tier <value>' argument missing"],
  [['--fast'], "Unknown option '--fast'"],
  [['unit'], '"unit" is neither an option nor'],
  [['--context='], 'needs the name of a context'],
])('refuses %j', (args, reason) => {
  expect(read(...args)).toContain(reason);
});
