import { connectCluster, type Cluster } from '@ephemera/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { losingProxy } from './losing-proxy.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** The cluster of the tests, whose answers are lost by the proxy; streams to containers go past it. */
async function lossy(loses: Parameters<typeof losingProxy>[1]) {
  const proxy = await losingProxy(world.access, loses);
  const cluster = await connectCluster(proxy.access);
  const through: Cluster = { ...cluster, exec: (options) => world.cluster.exec(options) };
  return {
    lost: proxy.lost,
    host: world.host({ cluster: through }),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

const isCreation = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'POST' && /\/(jobs|configmaps|networkpolicies)\?/.test(path);

test('a sandbox whose creations were answered to nobody is known as its own, and works', async () => {
  const seenOnce = new Set<string>();
  await using way = await lossy((request) => {
    const first = isCreation(request) && !seenOnce.has(request.path);
    seenOnce.add(request.path);
    return first;
  });
  await using sandbox = await world.create({ on: way.host });
  expect(way.lost).toHaveLength(3);
  expect(await sandbox.commands.run(['echo', 'mine'])).toMatchObject({ stdout: 'mine\n' });
  const jobs = (await world.left()).filter((name) => name.startsWith('job'));
  expect(jobs).toEqual([`job.batch/${sandbox.id}`]);
});

test('a start that nobody ever answers, and that is given up, leaves nothing', async () => {
  const scope = new AbortController();
  const reason = new Error('enough');
  await using way = await lossy((request, soFar) => {
    const loses = isCreation(request);
    if (loses && soFar === 2) scope.abort(reason);
    return loses;
  });
  await expect(world.create({ on: way.host, signal: scope.signal })).rejects.toBe(reason);
  expect(way.lost.length).toBeGreaterThan(1);
  expect(await world.left()).toEqual([]);
});
