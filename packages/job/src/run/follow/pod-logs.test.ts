import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { Pod, PodStatus } from '@ephemera/model';
import { expect, test, vi } from 'vitest';
import { logServer, type LogServer } from '../../../test/log-server.ts';
import { podLogs, type LogLine } from './pod-logs.ts';

const lines = Array.from({ length: 6 }, (_, index) => `${new Date(index).toISOString()} line ${index}`);

const pod = (name: string, status: PodStatus): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name },
  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1' }] },
  status,
});
const containerStatuses = (state: object) => [{ name: 'main', ready: true, restartCount: 0, state }];
const running = pod('p', { phase: 'Running', containerStatuses: containerStatuses({ running: {} }) });
const over = pod('p', { phase: 'Succeeded', containerStatuses: containerStatuses({ terminated: { exitCode: 0 } }) });

function listen(server: LogServer, onLine: (line: LogLine) => Promise<void>) {
  const abort = new AbortController();
  const warnings: string[] = [];
  const logs = podLogs({
    cluster: server.cluster,
    namespace: 'shop',
    signal: abort.signal,
    onLine,
    onWarning: (warning) => warnings.push(warning),
    onFailure: (error) => {
      throw error;
    },
  });
  return { logs, warnings, abort };
}

test('a receiver that takes longer for a line than the end waits for news still gets all of them', async () => {
  await using server = await logServer({ current: lines }, { end: 'closes' });
  const taken: string[] = [];
  const first = Promise.withResolvers<void>();
  const { logs } = listen(server, async ({ line }) => {
    first.resolve();
    if (taken.length === 0) await wait(1_500);
    taken.push(line);
  });
  logs.see(over);
  await first.promise;
  expect(await logs.drain(500)).toBe(true);
  expect(taken).toHaveLength(lines.length);
  expect(logs.isIncomplete()).toBe(false);
});

test('a log that brings nothing more is not waited for longer than that, and is called incomplete', async () => {
  await using server = await logServer({ current: lines }, { end: 'stays open' });
  const { logs, abort } = listen(server, async () => {});
  logs.see(running);
  expect(await logs.drain(300)).toBe(false);
  expect(logs.isIncomplete()).toBe(true);
  abort.abort();
});

test('a log that is lost makes the whole incomplete', async () => {
  await using server = await logServer({ current: [] }, { status: 403, reason: 'Forbidden' });
  const { logs, warnings } = listen(server, async () => {});
  logs.see(over);
  expect(await logs.drain(10_000)).toBe(true);
  expect(logs.isIncomplete()).toBe(true);
  expect(warnings).toEqual([expect.stringContaining('main in Pod p is lost')]);
});

test('news of one pod is news for its own logs only, and all hear of the end', async () => {
  await using server = await logServer({ current: lines }, { end: 'closes' });
  const { logs } = listen(server, async () => {});
  let looks = 0;
  const waiting = pod('quiet', { phase: 'Pending' });
  const { spec } = waiting;
  Object.defineProperty(waiting, 'spec', { get: () => ((looks += 1), spec) });
  logs.see(waiting);
  await vi.waitFor(() => expect(looks).toBeGreaterThan(0));
  const before = looks;
  for (let news = 0; news < 50; news += 1) {
    logs.see(pod('busy', { phase: 'Pending' }));
    await turn();
  }
  expect(looks).toBe(before);
  expect(await logs.drain(10_000)).toBe(true);
  expect(looks).toBeGreaterThan(before);
});
