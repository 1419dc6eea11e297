import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CommandUnknown, OutputLost, SandboxInvalid, StdinClosed } from '../errors.ts';
import type { CommandHandle, Commands, LogChunk } from '../commands-api.ts';
import { createLink, type Link } from '../link/link.ts';
import { createCommands } from './create-commands.ts';
import { LocalRunner } from './testing/local-runner.ts';

let runner: LocalRunner;
let link: Link;
let commands: Commands;
beforeAll(async () => {
  runner = await LocalRunner.start();
  link = createLink(runner.place(), { mostBackoffMs: 20 });
  commands = createCommands(link);
});
afterAll(async () => {
  link.dispose();
  await runner.stop();
});

/** As another process does: by a stream of its own, knowing nothing but the id. */
async function elsewhere<T>(id: string, work: (handle: CommandHandle) => Promise<T>): Promise<T> {
  const other = createLink(runner.place(), { mostBackoffMs: 20 });
  try {
    return await work(await createCommands(other).connect(id));
  } finally {
    other.dispose();
  }
}

async function textOf(chunks: AsyncIterable<LogChunk>): Promise<string> {
  let all = '';
  for await (const { bytes } of chunks) all += Buffer.from(bytes).toString();
  return all;
}

describe('waiting', () => {
  test('as often as one likes, at once and afterwards, gives the same result', async () => {
    const handle = await commands.start(['sh', '-c', 'echo out; echo err >&2; exit 5']);
    const results = await Promise.all([handle.wait(), handle.wait(), elsewhere(handle.id, (other) => other.wait())]);
    results.push(await handle.wait());
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toMatchObject({ exitCode: 5, stdout: 'out\n', stderr: 'err\n' });
  });

  test('gives up at the signal, and the command goes on', async () => {
    const handle = await commands.start(['sh', '-c', 'read line; echo "$line"'], { stdin: true });
    const controller = new AbortController();
    const waiting = handle.wait({ signal: controller.signal });
    controller.abort(new Error('no time'));
    await expect(waiting).rejects.toThrow('no time');
    await handle.write('still there\n');
    expect((await handle.wait()).stdout).toBe('still there\n');
  });

  test('a callback that throws ends the wait, and not the command', async () => {
    const handle = await commands.start(['sh', '-c', 'echo first; read line; exit 6'], { stdin: true });
    await expect(handle.wait({ onStdout: () => expect.fail('a callback') })).rejects.toThrow('a callback');
    await handle.closeStdin();
    expect((await handle.wait()).exitCode).toBe(6);
  });

  test('goes on over a broken stream', async () => {
    const place = runner.place();
    const own = createLink(place, { mostBackoffMs: 1 });
    const handle = await createCommands(own).start(['sh', '-c', 'read line; echo "$line"; exit 9'], { stdin: true });
    const waiting = handle.wait();
    for (let round = 0; round < 5; round += 1) {
      await handle.write('');
      place.cutAll();
      await handle.resize({ rows: 1, columns: 1 }).catch(() => undefined);
    }
    await handle.write('done\n');
    expect(await waiting).toMatchObject({ exitCode: 9, stdout: 'done\n' });
    own.dispose();
  });
});

describe('the log', () => {
  test('is read from any offset, and from another process', async () => {
    const handle = await commands.start(['sh', '-c', 'printf 0123456789; printf abc >&2']);
    await handle.wait();
    expect(await textOf(handle.logs({ from: { stdout: 4, stderr: 3 } }))).toBe('456789');
    const chunks: LogChunk[] = [];
    await elsewhere(handle.id, async (other) => {
      for await (const chunk of other.logs({ from: { stdout: 10, stderr: 1 } })) chunks.push(chunk);
    });
    expect(chunks).toEqual([{ stream: 'stderr', offset: 1, bytes: expect.anything() }]);
    expect(Buffer.from(chunks[0]?.bytes ?? []).toString()).toBe('bc');
  });

  test('without follow ends with what is there, while the command runs', async () => {
    const handle = await commands.start(['sh', '-c', 'echo here; read line'], { stdin: true });
    await vi.waitFor(async () => expect(await textOf(handle.logs({ follow: false }))).toBe('here\n'));
    await handle.closeStdin();
    await handle.wait();
  });

  test('ends when its reader leaves, and the command goes on', async () => {
    const handle = await commands.start(['sh', '-c', 'echo here; read line; exit 2'], { stdin: true });
    for await (const chunk of handle.logs()) {
      expect(Buffer.from(chunk.bytes).toString()).toBe('here\n');
      break;
    }
    await handle.closeStdin();
    expect((await handle.wait()).exitCode).toBe(2);
  });

  test('from an offset after the end is an error, and not an empty log', async () => {
    const handle = await commands.start(['echo', 'short']);
    await expect(textOf(handle.logs({ from: { stdout: 7 } }))).rejects.toBeInstanceOf(SandboxInvalid);
    expect(await textOf(handle.logs({ from: { stdout: 6 } }))).toBe('');
  });

  test('of what is no longer kept is an error; the result has the end of it', { timeout: 60_000 }, async () => {
    const handle = await commands.start(['sh', '-c', 'head -c 80000000 /dev/zero; printf end']);
    await vi.waitFor(
      async () => expect((await commands.list()).find(({ id }) => id === handle.id)?.state).toBe('ended'),
      { timeout: 10_000 },
    );
    await expect(textOf(handle.logs())).rejects.toBeInstanceOf(OutputLost);
    await expect(handle.wait({ onStdout: () => undefined })).rejects.toBeInstanceOf(OutputLost);
    const { stdout, output } = await handle.wait({ maxOutputBytes: 1000 });
    expect(output.stdout).toMatchObject({ total: 80_000_003, truncated: true });
    expect(stdout).toHaveLength(1000);
    expect(stdout.endsWith('end')).toBe(true);
    await expect(handle.wait({ maxOutputBytes: 100_000_000 })).rejects.toBeInstanceOf(OutputLost);
  });
});

describe('writing', () => {
  test('in order, from two processes one after the other, until it is closed', async () => {
    const handle = await commands.start(['cat'], { stdin: true });
    await Promise.all([handle.write('a'), handle.write(Buffer.from('b')), handle.write('c')]);
    await elsewhere(handle.id, async (other) => {
      await other.write('d');
      await other.closeStdin();
    });
    expect((await handle.wait()).stdout).toBe('abcd');
    await expect(handle.write('e')).rejects.toBeInstanceOf(StdinClosed);
    await handle.closeStdin();
    await expect(handle.write('f')).rejects.toBeInstanceOf(StdinClosed);
  });

  test('to a command that was started without input is refused', async () => {
    const handle = await commands.start(['sleep', '60']);
    await expect(handle.write('x')).rejects.toBeInstanceOf(StdinClosed);
    await handle.kill({ graceMs: 0 });
    await handle.wait();
  });

  test('waits for a command that does not read, and ends with it', async () => {
    const handle = await commands.start(['sleep', '60'], { stdin: true });
    const writing = handle.write(Buffer.alloc(5_000_000));
    await handle.kill();
    await expect(writing).rejects.toBeInstanceOf(StdinClosed);
  });

  test('to a terminal of a size that can be changed', async () => {
    const script = 'stty size; read line; stty size; read line';
    const handle = await commands.start(['sh', '-c', script], { terminal: { rows: 11, columns: 22 } });
    await vi.waitFor(async () => expect(await textOf(handle.logs({ follow: false }))).toBe('11 22\r\n'));
    await handle.resize({ rows: 33, columns: 44 });
    await handle.write('\n');
    await vi.waitFor(async () => expect(await textOf(handle.logs({ follow: false }))).toContain('33 44\r\n'));
    await handle.kill();
    expect((await handle.wait()).signal).toBe('SIGTERM');
  });
});

describe('killing', () => {
  test('ends the whole tree, also what ignores SIGTERM', async () => {
    const script = 'trap "" TERM; (trap "" TERM; sleep 71) & echo up; sleep 72; sleep 73';
    const handle = await commands.start(['sh', '-c', script]);
    for await (const _ of handle.logs()) break;
    await handle.kill({ graceMs: 100 });
    expect(await handle.wait()).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
    await vi.waitFor(async () => expect((await commands.run(['pgrep', '-f', 'sleep 7[123]'])).stdout).toBe(''));
  });

  test('with a signal sends that one only', async () => {
    const handle = await commands.start([
      'sh',
      '-c',
      'trap "echo got; exit 8" USR1; echo up; while :; do sleep 0.02; done',
    ]);
    for await (const _ of handle.logs()) break;
    await handle.kill({ signal: 'SIGUSR1' });
    expect(await handle.wait()).toMatchObject({ exitCode: 8, stdout: 'up\ngot\n' });
  });

  test('after the end does nothing, and the result stays', async () => {
    const handle = await commands.start(['true']);
    await handle.wait();
    await handle.kill();
    await handle.kill({ signal: 'SIGKILL' });
    expect((await handle.wait()).exitCode).toBe(0);
  });
});

test('all commands are listed, with how they ended', async () => {
  const ended = await commands.start(['sh', '-c', 'exit 3', 'ä']);
  await ended.wait();
  const runs = await commands.start(['sleep', '60']);
  const list = await commands.list();
  expect(list.find(({ id }) => id === ended.id)).toMatchObject({
    argv: ['sh', '-c', 'exit 3', 'ä'],
    state: 'ended',
    exitCode: 3,
  });
  expect(list.find(({ id }) => id === runs.id)).toEqual({
    id: runs.id,
    argv: ['sleep', '60'],
    state: 'running',
    startedAt: expect.any(String),
  });
  await runs.kill({ graceMs: 0 });
});

test('an id that is not known is said so', async () => {
  await expect(commands.connect('nobody')).rejects.toBeInstanceOf(CommandUnknown);
});

test('a start that was aborted before leaves nothing', async () => {
  const before = (await commands.list()).length;
  await expect(commands.start(['sleep', '60'], { signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow(
    'early',
  );
  expect(await commands.list()).toHaveLength(before);
});
