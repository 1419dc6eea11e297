import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reapSandboxes } from '../src/index.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('the reaper removes what should long be gone with all that belongs to it, and nothing that lives', async () => {
  const stuck = await world.create({ timeoutMs: 60_000 });
  await using living = await world.create();
  await using served = await world.create({ on: world.host({ instance: 'a1' }) });
  const { namespace, cluster } = world;
  const reap = (graceMs: number) => reapSandboxes(cluster, { namespace, graceMs });
  expect(await reap(0)).toEqual({ removed: [], failed: [] });

  // Suspended, a Job is ended by nobody, and its limit does not run.
  await kubectl(['patch', 'job', stuck.id, '-n', namespace, '-p', '{"spec":{"suspend":true}}']);
  // One fact alone is not enough.
  await kubectl([
    'annotate',
    'job',
    stuck.id,
    '-n',
    namespace,
    '--overwrite',
    'ephemera.dev/expires-at=2026-01-01T00:00:00Z',
  ]);
  expect(await reap(0)).toEqual({ removed: [], failed: [] });
  await kubectl(['patch', 'job', stuck.id, '-n', namespace, '-p', '{"spec":{"activeDeadlineSeconds":1}}']);
  expect(await reap(300_000)).toEqual({ removed: [], failed: [] });

  expect(await reap(0)).toEqual({ removed: [`${namespace}/${stuck.id}`], failed: [] });
  await stuck.kill();
  expect((await world.left()).join()).not.toContain(stuck.id);
  for (const { commands } of [living, served]) expect(await commands.run(['true'])).toMatchObject({ exitCode: 0 });
});
