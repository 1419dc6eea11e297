import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CommandNotStarted, SandboxInvalid } from '../errors.ts';
import type { Commands } from '../commands-api.ts';
import { createLink, type Link } from '../link/link.ts';
import { createCommands } from './create-commands.ts';
import { LocalRunner } from './testing/local-runner.ts';

let runner: LocalRunner;
let link: Link;
let commands: Commands;
const unhandled = vi.fn<(error: unknown) => void>();
beforeAll(async () => {
  process.on('unhandledRejection', unhandled);
  runner = await LocalRunner.start();
  link = createLink(runner.place(), { mostBackoffMs: 20, env: { OF_SANDBOX: 'yes' } });
  commands = createCommands(link);
});
afterAll(async () => {
  link.dispose();
  await runner.stop();
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => expect.fail(`no error but ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

async function running(): Promise<number> {
  return (await commands.list()).filter(({ state }) => state === 'running').length;
}

describe('how a command ended', () => {
  test('every exit code is what the program said', async () => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const results = await Promise.all(codes.map((code) => commands.shell(`exit ${code}`)));
    expect(results.map(({ exitCode }) => exitCode)).toEqual(codes);
    expect(results.every((result) => result.signal === undefined && !result.timedOut)).toBe(true);
  });

  test.each([
    ['SIGKILL', 9],
    ['SIGTERM', 15],
    ['SIGSEGV', 11],
  ])('one that %s ended has 128 and its number', async (signal, number) => {
    const result = await commands.shell(`kill -${number} $$`);
    expect(result).toMatchObject({ exitCode: 128 + number, signal, timedOut: false });
  });

  test('its time over is 124, and what ignores SIGTERM is killed after the grace, grandchildren too', async () => {
    const script = 'trap "" TERM; (trap "" TERM; while :; do echo tick; sleep 0.1; done) & wait; sleep 60';
    const result = await commands.shell(script, { timeoutMs: 150, graceMs: 200 });
    expect(result).toMatchObject({ exitCode: 124, timedOut: true, signal: 'SIGKILL' });
  });

  test('a program that handles SIGTERM and ends with 0 was over its time all the same', async () => {
    const script = 'trap "exit 0" TERM; while :; do sleep 0.05; done';
    expect(await commands.shell(script, { timeoutMs: 150 })).toMatchObject({ exitCode: 124, timedOut: true });
  });

  test.each([
    [['no-such-program'], /no-such-program cannot be run: there is no such file/],
    [['/etc/passwd'], /may not be executed/],
    [['x'.repeat(5000)], /too long|no such file/],
  ])('what cannot be started is no exit code', async (argv, message) => {
    const error = await thrownBy(commands.run(argv));
    expect(error).toBeInstanceOf(CommandNotStarted);
    expect(String(error)).toMatch(message);
  });

  test('a working folder that is not there is named as the reason', async () => {
    expect(String(await thrownBy(commands.run(['true'], { cwd: 'nowhere' })))).toMatch(/folder .*no such file/);
  });
});

describe('what goes in', () => {
  test('arguments arrive as they are, whatever is in them', async () => {
    const words = ['', ' ', '$HOME', "'", '"', '\\', '\n', '*', '-n', '\uFEFFä😀', '`id`'];
    const result = await commands.run(['sh', '-c', 'printf "%s\\0" "$@"', 'sh', ...words]);
    expect(result.stdout.split('\0').slice(0, -1)).toEqual(words);
  });

  test('a script that begins as an option is a script', async () => {
    expect((await commands.shell('-x 2>/dev/null || echo ran')).stdout).toBe('ran\n');
  });

  test('environment of the sandbox and of the command, the latter winning, and 10,000 variables', async () => {
    const env = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`NAME_${index}`, `${index}`]));
    const { stdout } = await commands.run(['env'], { env: { ...env, WITH: 'a=b\nc' } });
    expect(stdout).toContain('OF_SANDBOX=yes\n');
    expect(stdout).toContain('WITH=a=b\nc\n');
    expect(stdout.match(/^NAME_\d+=/gm)).toHaveLength(10_000);
    expect((await commands.shell('echo $OF_SANDBOX', { env: { OF_SANDBOX: 'no' } })).stdout).toBe('no\n');
  });

  test('a megabyte of arguments works, and more than the kernel takes is a typed error', async () => {
    const piece = 'x'.repeat(100_000);
    const words = Array.from({ length: 10 }, () => piece);
    expect((await commands.run(['sh', '-c', 'echo $#', 'sh', ...words])).stdout).toBe('10\n');
    const one = await thrownBy(commands.run(['true', 'x'.repeat(1_000_000)]));
    expect(one).toBeInstanceOf(CommandNotStarted);
    expect(String(one)).toContain('too long');
    expect(await thrownBy(commands.run(['true', ...Array.from({ length: 50 }, () => piece)]))).toBeInstanceOf(
      SandboxInvalid,
    );
  });

  test('binary input comes back byte by byte, more of it than any buffer holds', async () => {
    const data = randomBytes(3_000_000);
    const { output } = await commands.run(['cat'], { stdin: data });
    expect(Buffer.compare(output.stdout.bytes, data)).toBe(0);
  });

  test('input of a stream in small pieces comes in order', async () => {
    const numbers = Array.from({ length: 5000 }, (_, index) => `${index}\n`);
    async function* source() {
      for (const line of numbers) yield Buffer.from(line);
    }
    expect((await commands.run(['cat'], { stdin: source() })).stdout).toBe(numbers.join(''));
  });

  test('without input it is at its end, and empty input is the same', async () => {
    expect((await commands.run(['cat'])).stdout).toBe('');
    expect((await commands.run(['cat'], { stdin: '' })).stdout).toBe('');
  });

  test('a command that does not read its input ends when it ends', async () => {
    expect((await commands.shell('exit 3', { stdin: Buffer.alloc(2_000_000) })).exitCode).toBe(3);
    expect((await commands.run(['head', '-c', '3'], { stdin: 'x'.repeat(2_000_000) })).stdout).toBe('xxx');
  });

  test('a source that never ends, or never answers, is let go of when the command has ended', async () => {
    let released = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1000);
      } finally {
        released = true;
      }
    }
    expect((await commands.shell('head -c 5000 | wc -c', { stdin: endless() })).stdout.trim()).toBe('5000');
    await vi.waitFor(() => expect(released).toBe(true));
    const silent: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    expect((await commands.shell('exit 4', { stdin: silent })).exitCode).toBe(4);
  });

  test('a source that throws kills the command and throws that error', async () => {
    async function* broken() {
      yield Buffer.from('x');
      throw new Error('the source broke');
    }
    expect(await thrownBy(commands.shell('cat; sleep 60', { stdin: broken() }))).toMatchObject({
      message: 'the source broke',
    });
    await vi.waitFor(async () => expect(await running()).toBe(0));
  });

  test('a source of something else than bytes is refused', async () => {
    async function* texts() {
      yield 'text' as unknown as Uint8Array;
    }
    expect(await thrownBy(commands.run(['cat'], { stdin: texts() }))).toBeInstanceOf(SandboxInvalid);
  });
});

describe('what comes out', () => {
  test('both outputs apart, in order, to callbacks that are waited for', async () => {
    const seen: string[] = [];
    let busy = 0;
    const note = (name: string) => async (bytes: Uint8Array) => {
      busy += 1;
      expect(busy).toBe(1);
      await new Promise(setImmediate);
      seen.push(name + Buffer.from(bytes).toString());
      busy -= 1;
    };
    const options = { onStdout: note('1'), onStderr: note('2') };
    const result = await commands.shell('echo a; sleep 0.05; echo b >&2; sleep 0.05; echo c', options);
    expect(seen).toEqual(['1a\n', '2b\n', '1c\n']);
    expect([result.stdout, result.stderr]).toEqual(['a\nc\n', 'b\n']);
  });

  test('of 100 MB the end is kept, and said to be not all', async () => {
    let streamed = 0;
    const { output, stdout } = await commands.shell('head -c 100000000 /dev/zero; printf end', {
      maxOutputBytes: 1000,
      onStdout: (bytes) => void (streamed += bytes.byteLength),
    });
    expect(streamed).toBe(100_000_003);
    expect(output.stdout).toMatchObject({ total: 100_000_003, truncated: true });
    expect(output.stdout.bytes).toHaveLength(1000);
    expect(stdout.endsWith('\0end')).toBe(true);
  });

  test('a character that was cut in half is left out of the text, and is in the bytes', async () => {
    const { stdout, output } = await commands.run(['printf', 'aä€b'], { maxOutputBytes: 3 });
    expect(stdout).toBe('b');
    expect([...output.stdout.bytes]).toEqual([...Buffer.from('€b').subarray(1)]);
  });

  test('nothing is kept where nothing is wanted', async () => {
    const { output, stdout } = await commands.run(['echo', 'hello'], { maxOutputBytes: 0 });
    expect([stdout, output.stdout.total, output.stdout.truncated]).toEqual(['', 6, true]);
  });

  test.each([
    ['throws', () => expect.fail('a callback')],
    ['rejects', () => Promise.reject(new Error('a callback'))],
  ])('a callback that %s kills the command, and its error is thrown', async (_, onStdout) => {
    expect(String(await thrownBy(commands.shell('echo x; sleep 60', { onStdout })))).toContain('a callback');
    await vi.waitFor(async () => expect(await running()).toBe(0));
  });

  test('what runs on in the background does not hold up the result, and is not ended by it', async () => {
    const script = '(while [ ! -e stop ]; do sleep 0.05; done; echo late > late) & echo started';
    expect((await commands.shell(script)).stdout).toBe('started\n');
    await commands.run(['touch', 'stop']);
    await vi.waitFor(async () => expect(await readFile(join(runner.folder, 'late'), 'utf8')).toBe('late\n'));
  });
});

describe('the signal', () => {
  test('kills the tree and throws its reason, whatever ignores SIGTERM', async () => {
    const controller = new AbortController();
    const script = 'trap "" TERM; (trap "" TERM; sleep 61) & echo up; sleep 62; sleep 63';
    const onStdout = () => controller.abort(new Error('stop it'));
    expect(await thrownBy(commands.shell(script, { signal: controller.signal, onStdout, graceMs: 100 }))).toMatchObject(
      { message: 'stop it' },
    );
    await vi.waitFor(async () => expect((await commands.run(['pgrep', '-f', 'sleep 6[123]'])).stdout).toBe(''), {
      timeout: 5000,
    });
  });

  test('before the start nothing is started', async () => {
    const before = (await commands.list()).length;
    expect(await thrownBy(commands.run(['true'], { signal: AbortSignal.abort(new Error('early')) }))).toMatchObject({
      message: 'early',
    });
    expect(await commands.list()).toHaveLength(before);
  });

  test('at any moment leaves nothing running', async () => {
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const controller = new AbortController();
        const done = thrownBy(commands.run(['sleep', '60'], { signal: controller.signal, graceMs: 50 }));
        for (let turn = 0; turn < index; turn += 1)
          await (turn % 3 === 0 ? new Promise(setImmediate) : Promise.resolve());
        controller.abort(new Error(`after ${index} turns`));
        expect(await done).toMatchObject({ message: `after ${index} turns` });
      }),
    );
    await vi.waitFor(async () => expect(await running()).toBe(0), { timeout: 5000 });
  });

  test('ends the wait for a callback that never ends', async () => {
    const controller = new AbortController();
    const onStdout = () => {
      setImmediate(() => controller.abort(new Error('enough')));
      return new Promise<void>(() => undefined);
    };
    expect(await thrownBy(commands.shell('echo x', { onStdout, signal: controller.signal }))).toMatchObject({
      message: 'enough',
    });
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const result = await commands.run(['true'], { signal: controller.signal });
    controller.abort();
    expect(result.exitCode).toBe(0);
  });
});

test('64 commands at once on one stream each have their own', async () => {
  const results = await Promise.all(
    Array.from({ length: 64 }, (_, index) => commands.shell(`cat; exit ${index}`, { stdin: `${index}`.repeat(1000) })),
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 64 }, (_, index) => index));
  expect(results.every(({ stdout }, index) => stdout === `${index}`.repeat(1000))).toBe(true);
});
