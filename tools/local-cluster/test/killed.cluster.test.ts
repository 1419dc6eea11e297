import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { clusterDown, clusterStatus, clusterUp, type ProgressEvent } from '../src/index.ts';
import { layoutOf } from '../src/layout.ts';
import { readRecord } from '../src/record.ts';
import { cache } from './cache.ts';
import { leftovers, namespacesOfInstance, nothing } from './leftovers.ts';

const options = { cache, name: 'killed' };
const layout = layoutOf(cache, options.name);

afterAll(() => clusterDown(options), 60_000);

/** Starts the instance from a process of its own and kills that with -9 as soon as it reports the step. */
async function killedAt(step: string, afterMs = 0): Promise<void> {
  const starter = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./starter.ts')), cache, options.name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(starter, 'exit');
  for await (const line of createInterface(starter.stdout)) {
    if ((JSON.parse(line) as { step: string }).step !== step) continue;
    setTimeout(() => starter.kill('SIGKILL'), afterMs);
    break;
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
}

test.each([
  ['images', 0],
  ['configuration', 0],
  ['node', 0],
  ['node', 20],
  ['node', 60],
  ['kube-apiserver', 0],
  ['kubelet', 300],
])(
  'a starter killed at %s + %i ms leaves nothing after `down`',
  async (step, afterMs) => {
    await killedAt(step, afterMs);
    const namespaces = await namespacesOfInstance(layout);

    await clusterDown(options);

    // The program that makes the node ends by itself when its starter is gone, on a busy machine a moment after `down`.
    await expect.poll(() => leftovers(layout, namespaces), { timeout: 10_000 }).toEqual(nothing);
  },
  60_000,
);

test('an `up` that is given up leaves nothing', async () => {
  const controller = new AbortController();
  let namespaces: string[] = [];
  const report = async ({ step }: ProgressEvent): Promise<void> => {
    if (step !== 'kube-apiserver' || controller.signal.aborted) return;
    namespaces = await namespacesOfInstance(layout);
    controller.abort();
  };

  const given = clusterUp({ ...options, signal: controller.signal, report: (event) => void report(event) });

  await expect(given).rejects.toThrow('aborted');
  expect(namespaces).toHaveLength(4);
  expect(await leftovers(layout, namespaces)).toEqual(nothing);
}, 60_000);

test('the next `up` completes what a killed starter began', async () => {
  await killedAt('kube-apiserver');
  expect((await clusterStatus(options)).state).toBe('broken');

  expect((await clusterUp(options)).state).toBe('up');
}, 60_000);

test('the cluster outlives its starter, and one kill removes its processes', async () => {
  const status = await clusterUp(options);
  expect(status.state).toBe('up');
  const namespaces = await namespacesOfInstance(layout);
  const record = await readRecord(layout.record);

  process.kill(record?.pid ?? Number.NaN, 'SIGKILL');

  const left = async (): Promise<object> => leftovers(layout, namespaces);
  await expect.poll(left, { timeout: 10_000 }).toMatchObject({ processes: [], devices: [], routes: [], mounts: [] });
  expect((await clusterStatus(options)).state).toBe('down');
}, 60_000);
