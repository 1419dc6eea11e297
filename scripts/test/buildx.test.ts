import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needsBuildx, provideBuildxTo } from './buildx.ts';

const root = join(import.meta.dirname, '..', '..');

test.each([
  ['journey', [], true],
  ['journey', ['packages/pull-request-pod'], true],
  ['journey', ['doctor', 'buildx'], true],
  ['journey', ['doctor'], false],
  ['cluster', [], false],
] as const)('the images with buildx are made for the tier %s with %j: %s', (tier, files, needed) => {
  expect(needsBuildx(root, tier, files)).toBe(needed);
});

test('for a cluster of the user’s the images are not made, and it is said why', async () => {
  const environment: NodeJS.ProcessEnv = {};
  const { signal } = new AbortController();
  const place = { cluster: undefined, clusterName: 'test', say: () => undefined, signal };
  expect(await provideBuildxTo(environment, place)).toMatchObject({
    outcome: 'skipped',
    reason: expect.stringContaining('--context'),
  });
  expect(environment).toEqual({});
});
