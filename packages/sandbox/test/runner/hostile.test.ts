import { beforeAll, describe, expect, test, vi } from 'vitest';
import { hostileProgram, lacksCompilers, usersBuild } from './builds.ts';
import { BUILD_MS, descendants, patience, RunnerProcess } from './runner-process.ts';

beforeAll(async () => void (await usersBuild()), BUILD_MS);

/** None of the tests' own: what these programs do to others of their user meets nobody else. */
const uid = 23_456;
const token = Buffer.alloc(8);

describe.skipIf(lacksCompilers)('a hostile process of the sandbox', () => {
  test('an environment without an end holds up no look at a tree', async () => {
    await using runner = await RunnerProcess.start({ build: 'users', uid });
    const client = await runner.client();
    await client.start('endless', [await hostileProgram('endless-environment')]);
    expect(await client.attach('endless').next()).toMatchObject({ data: Uint8Array.from(Buffer.from('endless\n')) });
    await client.start('other', ['sleep', '1000']);
    await client.ask({ kind: 'kill', id: 'other', graceMs: 0 }, 'done');
    await client.ask({ kind: 'ping', token }, 'pong');
    expect((await client.outcome('other')).exit.code).toBe(9);
    await client.ask({ kind: 'kill', id: 'endless', graceMs: 0 }, 'done');
    await vi.waitFor(async () => expect(await descendants(runner.pid)).toEqual([]), patience);
  });

  test('one that stops programs before they begin holds up nobody for ever', async () => {
    await using runner = await RunnerProcess.start({ build: 'users', uid });
    const client = await runner.client();
    await client.start('stops', [await hostileProgram('stop-newcomers')]);
    await client.attach('stops').next();
    for (let count = 0; count < 3; count++) await client.start(`stopped-${count}`, ['true']).catch(() => undefined);
    await client.ask({ kind: 'ping', token }, 'pong');
    await client.outcome('stops');
    expect((await client.run('after', ['sh', '-c', 'exit 4'])).exit.code).toBe(4);
  }, 40_000);
});
