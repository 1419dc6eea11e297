import { beforeAll, expect, test } from 'vitest';
import { lacksCompilers, usersBuild } from './builds.ts';
import { BUILD_MS, patience, RunnerProcess } from './runner-process.ts';

beforeAll(async () => void (await usersBuild()), BUILD_MS);

test.skipIf(lacksCompilers)(
  'hundreds of commands, one after another, leave no files open and little memory used',
  async () => {
    await using runner = await RunnerProcess.start({ build: 'users', openFiles: 640 });
    const client = await runner.client();
    const many = async (from: number, to: number) => {
      for (let at = from; at < to; at += 25) {
        const ids = Array.from({ length: 25 }, (_, index) => `c${at + index}`);
        await Promise.all(ids.map((id) => client.run(id, ['/bin/echo', id])));
      }
    };
    // With few open files few of them are known after their end: it does not take thousands to reach the bound.
    await many(0, 200);
    const [files, memory] = [await runner.openFiles(), await runner.memoryBytes()];
    await many(200, 700);
    expect(await runner.openFiles()).toBeLessThanOrEqual(files);
    expect(await runner.memoryBytes()).toBeLessThan(memory + 300_000);
    expect(memory).toBeLessThan(6 * 1024 * 1024);
  },
  60_000,
);

test.skipIf(lacksCompilers)('streams that come and go leave nothing', async () => {
  await using runner = await RunnerProcess.start({ build: 'users' });
  const client = await runner.client();
  await client.ask({ kind: 'ping', token: Buffer.alloc(8) }, 'pong');
  const files = await runner.openFiles();
  for (let count = 0; count < 100; count++) {
    const other = await runner.client();
    other.open({ kind: 'write', path: Buffer.from('never/finished'), mode: 0o644 });
    other.open({ kind: 'list', path: Buffer.from('/proc/self'), recursive: true, window: 1 });
    await other.ask({ kind: 'ping', token: Buffer.alloc(8) }, 'pong');
    await other.close();
  }
  await expect.poll(() => runner.openFiles(), patience).toBe(files);
});

test.skipIf(lacksCompilers)('a client that asks and never reads holds up nobody, and takes little memory', async () => {
  await using runner = await RunnerProcess.start({ build: 'users' });
  const [client, deaf] = [await runner.client(), await runner.client()];
  await client.run('large', ['head', '-c', '10000000', '/dev/zero']);
  deaf.pause();
  for (let count = 0; count < 500; count++) deaf.attach('large');
  for (let count = 0; count < 50_000; count++) deaf.open({ kind: 'info' });
  expect(String((await client.run('other', ['echo', 'on'])).stdout)).toBe('on\n');
  expect(await runner.memoryBytes()).toBeLessThan(6 * 1024 * 1024);
});
