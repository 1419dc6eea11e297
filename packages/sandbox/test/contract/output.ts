import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { Harness } from './harness.ts';
import { flood } from './programs.ts';
import { codeOf, patience, readLog, sharedSandbox, someBytes } from './setting.ts';

const line = 'The quick brown fox jumps over the lazy dog, zażółć gęślą jaźń.';

function hashOfFlood(bytes: number): string {
  const hash = createHash('sha256');
  for (const piece of flood(line, bytes)) hash.update(piece);
  return hash.digest('hex');
}

export function outputContract(harness: Harness): void {
  describe('what commands read and write', () => {
    const sandbox = sharedSandbox(harness);
    const { argv } = harness;

    test('both outputs stay apart', async () => {
      const result = await sandbox().commands.run(argv('say', 'to out', 'to err', '4'));
      expect(result).toMatchObject({ exitCode: 4, stdout: 'to out', stderr: 'to err' });
      expect(result.output.stdout).toMatchObject({ total: 6, truncated: false });
    });

    test('100 MB of output arrive byte for byte', async () => {
      const bytes = 100 * 1024 * 1024;
      const hash = createHash('sha256');
      const result = await sandbox().commands.run(argv('flood', line, String(bytes), '7'), {
        maxOutputBytes: 0,
        onStdout: (piece) => void hash.update(piece),
      });
      expect(result).toMatchObject({ exitCode: 7, output: { stdout: { total: bytes, truncated: true } } });
      expect(hash.digest('hex')).toBe(hashOfFlood(bytes));
    }, 180_000);

    test('of a long output the end is kept, and it is told how much there was', async () => {
      const bytes = 3_000_000;
      const { output } = await sandbox().commands.run(argv('flood', line, String(bytes)), { maxOutputBytes: 1000 });
      const all = Buffer.concat([...flood(line, bytes)]);
      expect(output.stdout).toMatchObject({ total: bytes, truncated: true });
      expect(Buffer.from(output.stdout.bytes).equals(all.subarray(-1000))).toBe(true);
    });

    test('bytes of all kinds go in and come out as they are', async () => {
      const bytes = someBytes(1_000_000);
      const { output, exitCode } = await sandbox().commands.run(argv('cat'), { stdin: bytes });
      expect(exitCode).toBe(0);
      expect(Buffer.from(output.stdout.bytes).equals(bytes)).toBe(true);
    });

    test('standard input may come in pieces, from a text, or from nowhere', async () => {
      async function* pieces() {
        for (const piece of ['one ', 'two ', 'three']) yield Buffer.from(piece);
      }
      expect(await sandbox().commands.run(argv('cat'), { stdin: pieces() })).toMatchObject({ stdout: 'one two three' });
      expect(await sandbox().commands.run(argv('cat'), { stdin: 'gęś' })).toMatchObject({ stdout: 'gęś' });
      expect(await sandbox().commands.run(argv('cat'))).toMatchObject({ stdout: '', exitCode: 0 });
    });

    test('a command that was started can be written to, until its standard input is closed', async () => {
      const handle = await sandbox().commands.start(argv('cat'), { stdin: true });
      await handle.write('one\n');
      expect(await readLog(handle, (text) => text.endsWith('\n'))).toBe('one\n');
      await handle.write('two\n');
      await handle.closeStdin();
      expect(await handle.wait()).toMatchObject({ exitCode: 0, stdout: 'one\ntwo\n' });
      expect(await codeOf(handle.write('three\n'))).toBe('sandbox.stdin_closed');
    });

    test('what is written by its offset is taken once, however often it is written', async () => {
      const handle = await sandbox().commands.start(argv('cat'), { stdin: true });
      await handle.write('one\n', { offset: 0 });
      await handle.write('one\ntwo\n', { offset: 0 });
      expect(await codeOf(handle.write('four\n', { offset: 14 }))).toBe('sandbox.invalid');
      expect(await codeOf(handle.write('x', { offset: -1 }))).toBe('sandbox.invalid');
      await handle.write('three\n', { offset: 8 });
      await handle.closeStdin();
      expect(await handle.wait()).toMatchObject({ exitCode: 0, stdout: 'one\ntwo\nthree\n' });
      await handle.write('three\n', { offset: 8 });
      expect(await codeOf(handle.write('four\n', { offset: 14 }))).toBe('sandbox.stdin_closed');
    });

    test('what a command has ended without reading was not written', async () => {
      const handle = await sandbox().commands.start(argv('untilFile', 'go-unread', '0'), { stdin: true });
      const write = codeOf(handle.write(Buffer.alloc(200_000, 'x'), { offset: 0 }));
      await readLog(handle, (text) => text.includes('line 5'));
      await sandbox().files.write('go-unread', '');
      expect(await handle.wait()).toMatchObject({ exitCode: 0 });
      expect(await write).toBe('sandbox.stdin_closed');
      expect(await codeOf(handle.write(Buffer.alloc(200_000, 'x'), { offset: 0 }))).toBe('sandbox.stdin_closed');
    });

    test('a write that the command does not read is given up at its signal, also where it is repeated', async () => {
      const handle = await sandbox().commands.start(argv('untilFile', 'read-now', '0'), { stdin: true });
      const other = await sandbox().commands.connect(handle.id);
      const bytes = Buffer.alloc(1_000_000, 'x');
      const givenUp = { status: 'rejected', reason: { name: 'TimeoutError' } };
      const signal = AbortSignal.timeout(500);
      const first = handle.write(bytes, { offset: 0 }).catch(() => {});
      // Behind it, beside it, and after its end was asked for.
      const waits = [
        handle.write(bytes, { signal }),
        other.write(bytes, { offset: 0, signal }),
        other.closeStdin({ signal }),
      ];
      expect(await Promise.allSettled(waits)).toMatchObject([givenUp, givenUp, givenUp]);
      await handle.kill();
      expect(await handle.wait()).toMatchObject({ signal: 'SIGTERM' });
      await first;
    });

    test('a command that does not read its standard input ends all the same', async () => {
      const stdin = Buffer.alloc(1_000_000);
      expect(await sandbox().commands.run(argv('exit', '6'), { stdin })).toMatchObject({ exitCode: 6 });
    });

    test('output that nobody reads blocks no command, and what was given up for it is told as lost', async () => {
      const bytes = 150 * 1024 * 1024;
      const handle = await sandbox().commands.start(argv('flood', line, String(bytes), '3'));
      await vi.waitFor(async () => {
        const known = (await sandbox().commands.list()).find(({ id }) => id === handle.id);
        expect(known).toMatchObject({ state: 'ended', exitCode: 3 });
      }, patience);
      expect(await codeOf(readLog(handle, () => false))).toBe('sandbox.output_lost');
      const result = await handle.wait({ maxOutputBytes: 1000 });
      expect(result).toMatchObject({ exitCode: 3, output: { stdout: { total: bytes, truncated: true } } });
      const all = Buffer.concat([
        ...flood(line, (bytes % (Buffer.byteLength(line) + 1)) + 2000 * (Buffer.byteLength(line) + 1)),
      ]);
      expect(Buffer.from(result.output.stdout.bytes).equals(all.subarray(-1000))).toBe(true);
    }, 180_000);

    test('the log of a command is read from any place', async () => {
      const handle = await sandbox().commands.start(argv('say', '0123456789', ''));
      await handle.wait();
      expect(await readLog(handle, () => false, { from: { stdout: 4 } })).toBe('456789');
      expect(await readLog(handle, () => false, { follow: false })).toBe('0123456789');
    });

    test('64 commands at once each have their own output and their own end', async () => {
      const results = await Promise.all(
        Array.from({ length: 64 }, (_, index) => sandbox().commands.run(argv('numbered', String(index + 1)))),
      );
      for (const [index, { exitCode, stdout }] of results.entries()) {
        const lines = Array.from({ length: 64 }, (_, row) => `${index + 1} ${row + 1}\n`);
        expect({ exitCode, stdout }).toEqual({ exitCode: index + 1, stdout: lines.join('') });
      }
    });
  });
}
