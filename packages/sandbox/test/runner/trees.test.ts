import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { lacksCompilers } from './builds.ts';
import type { RunnerClient } from './client.ts';
import { BUILD_MS, alive, descendants, patience, RunnerProcess } from './runner-process.ts';

/** All of these outlive what is done to their parent, each in another way. */
const escapes = `
  trap "" TERM HUP INT
  setsid sh -c 'trap "" TERM; while :; do sleep 1000; done' &
  (setsid sh -c '(exec setsid sleep 1000) & sleep 1000' &)
  (sh -c 'sleep 1000' & exit 0)
  env -i PATH="$PATH" setsid sleep 1000 &
  touch "$READY"
  while :; do sleep 1000; done`;

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('trees of the %s build', (build) => {
  let runner: RunnerProcess;
  let client: RunnerClient;
  beforeAll(async () => {
    runner = await RunnerProcess.start({ build });
    client = await runner.client();
  }, BUILD_MS);
  afterAll(() => runner[Symbol.asyncDispose]());

  const gone = () => vi.waitFor(async () => expect(await descendants(runner.pid)).toEqual([]), patience);
  const startEscapes = async (id: string): Promise<readonly number[]> => {
    const ready = join(runner.work, `ready-${id}`);
    await client.start(id, ['sh', '-c', escapes], { env: [`READY=${ready}`] });
    await vi.waitFor(() => expect(existsSync(ready)).toBe(true), patience);
    await vi.waitFor(async () => expect((await descendants(runner.pid)).length).toBeGreaterThanOrEqual(7), patience);
    return descendants(runner.pid);
  };

  test('KILL ends the whole tree: what ignores SIGTERM, has a session of its own, or lost its parents', async () => {
    const before = await startEscapes('escapes');
    const { count } = await client.ask({ kind: 'kill', id: 'escapes', graceMs: 200 }, 'done');
    expect(count).toBeGreaterThanOrEqual(7);
    expect((await client.outcome('escapes')).exit).toMatchObject({
      ending: 'signal',
      code: 9,
      flags: { killed: true },
    });
    await gone();
    expect(await alive(before)).toEqual([]);
  });

  test('KILL without grace sends SIGKILL at once', async () => {
    await startEscapes('at-once');
    await client.ask({ kind: 'kill', id: 'at-once', graceMs: 0 }, 'done');
    expect((await client.outcome('at-once')).exit.code).toBe(9);
    await gone();
  });

  test('time over ends the whole tree, and EXIT says that it was that', async () => {
    // Not waited for: on a busy machine its time may be over before it is complete.
    await client.start('late', ['sh', '-c', escapes], {
      env: [`READY=${join(runner.work, 'ready-late')}`],
      timeoutMs: 1000,
      graceMs: 300,
    });
    const { exit } = await client.outcome('late');
    expect(exit).toMatchObject({ ending: 'signal', code: 9, flags: { timedOut: true, killed: false } });
    expect(exit.endedAt - exit.startedAt).toBeGreaterThanOrEqual(1300 - 20);
    await gone();
  });

  test('a command that ends at SIGTERM has its code, and is not killed after that', async () => {
    await client.start('polite', ['sh', '-c', 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.01; done']);
    await client.attach('polite').next();
    await client.ask({ kind: 'kill', id: 'polite', graceMs: 60_000 }, 'done');
    const { stdout, exit } = await client.outcome('polite');
    expect([String(stdout), exit.ending, exit.code, exit.flags.killed]).toEqual(['up\nbye\n', 'exited', 5, true]);
  });

  test('what a command left behind is ended by KILL after its end, too', async () => {
    await client.run('left-behind', [
      'sh',
      '-c',
      'setsid sleep 1000 >/dev/null 2>&1 & sleep 1000 >/dev/null 2>&1 & exit 0',
    ]);
    await vi.waitFor(async () => expect(await descendants(runner.pid)).toHaveLength(2), patience);
    expect((await client.ask({ kind: 'kill', id: 'left-behind', graceMs: 1000 }, 'done')).count).toBe(2);
    await gone();
  });

  test('a stopped command is ended as well', async () => {
    await client.start('stopped', ['sh', '-c', 'kill -STOP $$; echo no']);
    await vi.waitFor(async () => {
      const stat = await readFile(`/proc/${(await descendants(runner.pid))[0]}/stat`, 'utf8');
      expect(stat).toContain(') T ');
    }, patience);
    await client.ask({ kind: 'kill', id: 'stopped', graceMs: 5000 }, 'done');
    expect((await client.outcome('stopped')).exit).toMatchObject({ ending: 'signal', code: 15 });
  });

  test('SIGNAL reaches the group, or all processes of the tree, and says how many', async () => {
    // Shells tell on stderr what ended their children.
    const script = 'exec 2>&-; trap "echo usr1" USR1; echo up; while :; do sleep 0.01; done';
    await client.start('group', ['sh', '-c', script]);
    const attached = client.attach('group');
    await attached.next();
    await client.ask({ kind: 'signal', id: 'group', signal: 10, tree: false }, 'done');
    expect(await attached.next()).toMatchObject({ kind: 'out', data: Uint8Array.from(Buffer.from('usr1\n')) });
    const { count } = await client.ask({ kind: 'signal', id: 'group', signal: 9, tree: true }, 'done');
    expect(count).toBeGreaterThanOrEqual(1);
    expect((await client.outcome('group')).exit).toMatchObject({ ending: 'signal', code: 9, flags: { killed: true } });
    expect((await client.ask({ kind: 'signal', id: 'group', signal: 9, tree: true }, 'done')).count).toBe(0);
    expect(await client.open({ kind: 'signal', id: 'group', signal: 65, tree: true }).next()).toMatchObject({
      kind: 'error',
      code: 1,
    });
    expect(await client.open({ kind: 'kill', id: 'nobody', graceMs: 0 }).next()).toMatchObject({
      kind: 'error',
      code: 2,
    });
  });

  test('ending one command leaves the others alone', async () => {
    await client.start('mine', ['sleep', '1000']);
    await client.start('mine-too', ['sleep', '1000']);
    await client.ask({ kind: 'kill', id: 'mine', graceMs: 0 }, 'done');
    await client.outcome('mine');
    await vi.waitFor(async () => expect(await descendants(runner.pid)).toHaveLength(1), patience);
    await client.ask({ kind: 'kill', id: 'mine-too', graceMs: 0 }, 'done');
    await client.outcome('mine-too');
  });
});

test.skipIf(lacksCompilers)('another user finds its processes as well', async () => {
  await using runner = await RunnerProcess.start({ build: 'users', uid: 65_534 });
  const client = await runner.client();
  await client.run('left', [
    'sh',
    '-c',
    'setsid sleep 1000 >/dev/null 2>&1 & (setsid sleep 1000 >/dev/null 2>&1 &) ; id -u',
  ]);
  expect((await client.ask({ kind: 'kill', id: 'left', graceMs: 0 }, 'done')).count).toBe(2);
  await vi.waitFor(async () => expect(await descendants(runner.pid)).toEqual([]), patience);
  expect(String((await client.outcome('left')).stdout)).toBe('65534\n');
});

test.skipIf(lacksCompilers)('KILL ends processes that start another one and end, again and again', async () => {
  // No list of processes is right for long. The limit of processes is for the machine of the test; root has none.
  await using runner = await RunnerProcess.start({ build: 'users', uid: 12_345 });
  const client = await runner.client();
  const relay = 'trap "" TERM; [ $1 -lt 1000 ] && setsid sh "$0" $(($1 + 1)) & exit 0';
  const write = client.open({ kind: 'write', path: Buffer.from('relay'), mode: 0o755 });
  write.send({ kind: 'chunk', data: Buffer.from(relay) });
  write.send({ kind: 'commit', total: relay.length });
  await write.rest();
  await client.start('relays', ['sh', '-c', 'ulimit -u 60; for i in 1 2 3; do sh relay 0 & done; sleep 1000']);
  const started = (await descendants(runner.pid))[0] ?? 0;
  await vi.waitFor(async () => expect((await descendants(runner.pid)).at(-1)).toBeGreaterThan(started + 50), {
    ...patience,
    interval: 5,
  });
  await client.ask({ kind: 'kill', id: 'relays', graceMs: 0 }, 'done');
  await vi.waitFor(async () => expect(await descendants(runner.pid)).toEqual([]), patience);
});
