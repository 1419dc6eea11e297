import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPrJobWorld, ways, type PrJobWorld } from './pr-job-command.ts';

const { EPHEMERA_TEST_BUILDX: provided } = process.env;

describe.skipIf(provided === undefined)('pr-job with the images of buildx', () => {
  let world: PrJobWorld;
  beforeAll(async () => {
    world = await startPrJobWorld(ways.length);
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  test.each(ways)(
    'by the %s: create --wait builds with buildx, shows its log live, ends with 0, and says what goes on',
    async (way) => {
      const namespace = world.namespace();
      const { code, stdout, stderr } = await world.prJob(way, ['create', 'pr-9', '-n', namespace, '--wait']);
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toContain('my-image was built successfully.');
      expect(stdout).not.toMatch(/^job /m);
      expect(stderr).toContain('About half a minute of a build is the booting of its builder');
      expect(stderr).toMatch(/^job pr-job-pr-9-\d{13} is complete: 1 succeeded/m);
      const logs = await world.prJob(way, ['logs', 'pr-9', '-n', namespace, '--tail', '1']);
      expect(logs.stdout).toBe('The builder is removed.\n');
      expect((await world.prJob(way, ['cleanup', 'pr-9', '-n', namespace])).code).toBe(0);
      expect(await kubectl(['get', 'all', '-n', namespace, '-o', 'name'])).toBe('');
    },
  );
});
