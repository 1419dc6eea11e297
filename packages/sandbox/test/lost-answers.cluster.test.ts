import { connectCluster, type Cluster } from '@ephemera/kube';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Sandbox } from '../src/index.ts';
import { losingProxy } from './losing-proxy.ts';
import { patience, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Way {
  readonly where?: World;
  readonly refuses?: Parameters<typeof losingProxy>[2];
  readonly exec?: Cluster['exec'];
}

/** The cluster of the tests, whose answers are lost by the proxy; streams to containers go past it. */
async function lossy(loses: Parameters<typeof losingProxy>[1], { where = world, refuses, exec }: Way = {}) {
  const proxy = await losingProxy(where.access, loses, refuses);
  const cluster = await connectCluster(proxy.access);
  const through: Cluster = { ...cluster, exec: exec ?? ((options) => where.cluster.exec(options)) };
  return {
    lost: proxy.lost,
    host: where.host({ cluster: through }),
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

test('a Job whose creation was answered to nobody, and refused when it was sent again, is removed', async () => {
  await using crowded = await startWorld();
  const metadata = { name: 'one', namespace: crowded.namespace };
  await crowded.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata,
    spec: { hard: { 'count/jobs.batch': '1' } },
  });
  const counted = () =>
    kubectl(['get', 'resourcequota', 'one', '-n', crowded.namespace, '-o', 'jsonpath={.status.used}']);
  await vi.waitFor(async () => expect(await counted()).toContain('jobs'), patience);
  await using way = await lossy((request, soFar) => isCreation(request) && soFar === 0, { where: crowded });
  await expect(crowded.create({ on: way.host })).rejects.toMatchObject({ code: 'kube.quota_exceeded' });
  expect(way.lost).toHaveLength(1);
  expect(await crowded.left()).toEqual([]);
});

test('a cluster that asks for patience while a sandbox starts does not end the start', async () => {
  const refused = Promise.withResolvers<void>();
  let isRefused = false;
  const refuses: Way['refuses'] = ({ method, path }) => {
    if (isRefused || method !== 'GET' || !/\/jobs\/sandbox-/.test(path)) return false;
    isRefused = true;
    refused.resolve();
    return true;
  };
  // Nobody reaches the runner before the cluster has been asked what keeps it.
  const exec: Cluster['exec'] = async (options) => {
    await refused.promise;
    return world.cluster.exec(options);
  };
  await using way = await lossy(() => false, { refuses, exec });
  const sandbox = await world.create({ on: way.host });
  expect(await sandbox.commands.run(['echo', 'works'])).toMatchObject({ stdout: 'works\n' });
  await sandbox.disconnect();
  await using same = await Sandbox.connect(sandbox.id, { on: world.host() });
  expect(same.id).toBe(sandbox.id);
});
