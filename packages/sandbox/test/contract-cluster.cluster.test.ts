import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectCluster } from '@ephemera/kube';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll } from 'vitest';
import { Sandbox } from '../src/index.ts';
import { contractOf } from './contract/contract.ts';
import type { Harness } from './contract/harness.ts';
import { shellArgv } from './contract/programs.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { podOf, small, startWorld } from './world.ts';

const world = await startWorld();
const proxy = await cuttingProxy();
const throughProxy = await connectCluster(proxy.access);
afterAll(async () => {
  await throughProxy[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const host = world.host();
const { namespace } = world;
const otherClient = fileURLToPath(new URL('contract/other-client.ts', import.meta.url));
const podName = async (id: string) => (await podOf(world, id)).metadata.name;
const kinds = 'jobs,pods,configmaps,secrets,networkpolicies';

const harness: Harness = {
  name: 'the cluster',
  host,
  create: ({ resources, ...options } = {}) =>
    Sandbox.create({
      ...small,
      ...options,
      resources: { ...small.resources, limits: { ...small.resources?.limits, memory: '128Mi', ...resources?.limits } },
      on: world.host({ cluster: throughProxy }),
    }),
  // A connection takes some thousand bytes before it carries anything.
  cutWithinBytes: 20_000,
  argv: (program, ...args) => shellArgv(program, args),
  faults: {
    cutStreamsAfter: (_, bytes) => proxy.cutAfter(bytes),
    cuts: () => proxy.cuts,
    attempts: () => proxy.connections,
    apiDown: async () => proxy.down(),
    apiUp: async () => proxy.up(),
    deletePod: async (id) => {
      await kubectl(['delete', 'pod', await podName(id), '-n', namespace, '--wait=false']);
    },
    evict: async (id) => {
      const name = await podName(id);
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      await kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, '-f', '-'], eviction);
    },
    outOfMemory: async (id) => {
      // It is the runner itself that writes files, and here they take memory.
      const other = await Sandbox.connect(id, { on: host });
      await other.files.write('all', Buffer.alloc(64 * 1024 * 1024)).catch(() => {});
      await other.disconnect();
    },
    // It passes by itself.
    passTime: async () => {},
  },
  startElsewhereAndDie: async (id, argv) => {
    const child = spawn(process.execPath, [otherClient, 'start', namespace, id, ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [command] = (await once(createInterface(child.stdout), 'line')) as [string];
    child.kill('SIGKILL');
    await once(child, 'exit');
    return command;
  },
  waitElsewhere: async (id, command) => {
    const args = [otherClient, 'wait', namespace, id, command];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    return JSON.parse(stdout);
  },
  left: async (id) => {
    const all = await world.left();
    return all.filter((name) => id === undefined || name.includes(id));
  },
  written: () => kubectl(['get', `${kinds},events`, '-n', namespace, '-o', 'json']),
};

contractOf(harness);
