import { join } from 'node:path';
import { expect, test } from 'vitest';
import { neededImages, provideImagesTo, TEST_IMAGES } from './images.ts';

const root = join(import.meta.dirname, '..', '..');

test.each([
  ['journey', [], ['buildx', 'python-nodejs']],
  ['journey', ['packages/pull-request-pod'], ['buildx']],
  ['journey', ['packages/sandbox'], ['python-nodejs']],
  ['journey', ['doctor', 'buildx'], ['buildx']],
  ['journey', ['doctor'], []],
  ['cluster', [], []],
] as const)('for the tier %s with %j these images are made: %j', (tier, files, needed) => {
  expect(neededImages(root, tier, files).map(({ prefix }) => prefix)).toEqual(needed);
});

test.each(TEST_IMAGES)(
  'for a cluster of the user’s the images of $prefix are not made, and it is said why',
  async (images) => {
    const environment: NodeJS.ProcessEnv = {};
    const { signal } = new AbortController();
    const place = { cluster: undefined, clusterName: 'test', say: () => undefined, signal };
    expect(await provideImagesTo(environment, images, place)).toMatchObject({
      outcome: 'skipped',
      reason: expect.stringContaining('--context'),
    });
    expect(environment).toEqual({});
  },
);
