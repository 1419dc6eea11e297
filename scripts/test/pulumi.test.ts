import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needsPulumi } from './pulumi.ts';

const root = join(import.meta.dirname, '..', '..');

test.each([
  ['journey', [], true],
  ['journey', ['packages/pulumi'], true],
  ['journey', ['stand-in', 'doctor'], true],
  ['journey', ['doctor'], false],
  ['cluster', [], false],
] as const)("Pulumi's command line is built for the tier %s with %j: %s", (tier, files, needed) => {
  expect(needsPulumi(root, tier, files)).toBe(needed);
});
