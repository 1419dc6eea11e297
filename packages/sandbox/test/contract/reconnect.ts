import { describe, expect, test } from 'vitest';
import { Sandbox } from '../../src/sandbox.ts';
import type { Harness } from './harness.ts';
import { codeOf, readLog, sharedSandbox } from './setting.ts';

/** `line 1` up to some line, and `last`: nothing twice, nothing missing. */
function expectWhole(text: string): void {
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines).toEqual([...lines.slice(1).map((_, index) => `line ${index + 1}`), 'last']);
}

export function reconnectContract(harness: Harness): void {
  describe('commands and those who started them', () => {
    const sandbox = sharedSandbox(harness);
    const { argv } = harness;

    test('a command in the background is waited for by its id from another process', async () => {
      const handle = await sandbox().commands.start(argv('untilFile', 'go-1', '9'));
      await readLog(handle, (text) => text.includes('line 3'));
      const elsewhere = harness.waitElsewhere(sandbox().id, handle.id);
      await sandbox().files.write('go-1', '');
      const result = await elsewhere;
      expect(result).toMatchObject({ exitCode: 9, timedOut: false });
      expectWhole(result.stdout);
    });

    test('a command goes on when the client that started it is killed, and is found again with all its output', async () => {
      const id = await harness.startElsewhereAndDie(sandbox().id, argv('untilFile', 'go-2', '11'));
      const handle = await sandbox().commands.connect(id);
      const seen = await readLog(handle, (text) => text.split('\n').length > 6);
      await sandbox().files.write('go-2', '');
      const result = await handle.wait();
      expect(result.exitCode).toBe(11);
      expectWhole(result.stdout);
      expect(result.stdout.startsWith(seen)).toBe(true);
    });

    test('a command with an id of the caller’s is started once, however often that is asked for', async () => {
      const { commands } = sandbox();
      const start = (...words: readonly string[]) => commands.start(words, { id: 'build-7', stdin: true });
      const [one, other] = await Promise.all([start(...argv('cat')), start(...argv('cat'))]);
      expect([one.id, other.id]).toEqual(['build-7', 'build-7']);
      expect((await commands.list()).filter(({ id }) => id === 'build-7')).toHaveLength(1);
      expect(await codeOf(start(...argv('exit', '3')))).toBe('sandbox.invalid');
      expect(await codeOf(commands.start(argv('cat'), { id: '../x' }))).toBe('sandbox.invalid');
      await expect(commands.start(argv('cat'), { id: 'build-7', signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      });
      await one.write('still there');
      await one.closeStdin();
      expect(await (await start(...argv('cat'))).wait()).toMatchObject({ exitCode: 0, stdout: 'still there' });
    });

    test('commands with one id are told apart by what the runner tells of long arguments', async () => {
      const start = (text: string) => sandbox().commands.start([...argv('exit', '5'), text], { id: 'long-7' });
      const long = `x${'ü'.repeat(5_000)}`;
      expect((await start(long)).id).toBe('long-7');
      expect(await (await start(long)).wait()).toMatchObject({ exitCode: 5 });
      expect(await codeOf(start(`y${long.slice(1)}`))).toBe('sandbox.invalid');
    });

    test('the commands of a sandbox are listed, those that have ended too', async () => {
      const ended = await sandbox().commands.start(argv('exit', '8'));
      await ended.wait();
      const running = await sandbox().commands.start(argv('wait'));
      const list = await sandbox().commands.list();
      expect(list.find(({ id }) => id === ended.id)).toMatchObject({ state: 'ended', exitCode: 8 });
      expect(list.find(({ id }) => id === running.id)).toMatchObject({ state: 'running', argv: argv('wait') });
      expect(list.find(({ id }) => id === running.id)).not.toHaveProperty('exitCode');
      await running.kill({ graceMs: 0 });
      await running.wait();
    });

    test('a command that is not there is an error', async () => {
      expect(await codeOf(sandbox().commands.connect('0123456789abcdef'))).toBe('sandbox.command_unknown');
    });

    test('two clients read the same command, each all of it', async () => {
      const other = await Sandbox.connect(sandbox().id, { on: harness.host });
      const handle = await sandbox().commands.start(argv('untilFile', 'go-3', '0'));
      const both = [handle.wait(), other.commands.connect(handle.id).then((found) => found.wait())];
      await readLog(handle, (text) => text.includes('line 3'));
      await sandbox().files.write('go-3', '');
      const [one, two] = await Promise.all(both);
      expectWhole(String(one?.stdout));
      expect(two?.stdout).toBe(one?.stdout);
      await other.disconnect();
    });
  });
}
