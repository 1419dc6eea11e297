import { expect, test } from 'vitest';
import { createCommands } from '../../src/commands/create-commands.ts';
import { realRunner } from './real-runner.ts';

const gigabyte = 1_000_000_000;
const writesIt = ['head', '-c', String(gigabyte), '/dev/zero'];

test('1 GB of output is counted whole, its end is kept, and other commands go on meanwhile', async () => {
  await using runner = await realRunner();
  const commands = createCommands(runner.link);
  const mostBytes = 1024 * 1024;
  const running = commands.run(writesIt, { maxOutputBytes: mostBytes });
  expect(await commands.run(['echo', 'meanwhile'])).toMatchObject({ exitCode: 0, stdout: 'meanwhile\n' });
  const { exitCode, output } = await running;
  expect(exitCode).toBe(0);
  expect(output.stdout).toMatchObject({ total: gigabyte, truncated: true });
  expect(output.stdout.bytes.byteLength).toBe(mostBytes);
});

test('1 GB of output that nobody reads does not hold its command up', async () => {
  await using runner = await realRunner();
  const commands = createCommands(runner.link);
  const { id } = await commands.start(writesIt);
  await expect
    .poll(async () => (await commands.list()).find((one) => one.id === id), { timeout: 15_000 })
    .toMatchObject({ state: 'ended', exitCode: 0 });
});
