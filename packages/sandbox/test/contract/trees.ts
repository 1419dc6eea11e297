import { describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { readLog, sharedSandbox, untilProcesses } from './setting.ts';

const ready = (text: string) => text.includes('ready');

export function treesContract(harness: Harness): void {
  describe('how commands are ended', () => {
    const sandbox = sharedSandbox(harness);
    const { argv } = harness;
    const processes = async () => (await sandbox().metrics()).processes;

    test('a kill ends a tree that ignores SIGTERM, to its last process', async () => {
      const before = await processes();
      const handle = await sandbox().commands.start(argv('stubborn'));
      await readLog(handle, ready);
      expect(await processes()).toBeGreaterThanOrEqual((before ?? 0) + 3);
      await handle.kill({ graceMs: 300 });
      expect(await handle.wait()).toMatchObject({ exitCode: 137, signal: 'SIGKILL', timedOut: false });
      await untilProcesses(sandbox(), before);
    });

    test('a time limit ends grandchildren too, also those with a session of their own', async () => {
      const before = await processes();
      const result = await sandbox().commands.run(argv('stubborn'), { timeoutMs: 1500, graceMs: 300 });
      expect(result).toMatchObject({ exitCode: 124, timedOut: true, stdout: 'ready\n' });
      await untilProcesses(sandbox(), before);
    });

    test('a command has its grace to end by itself', async () => {
      const handle = await sandbox().commands.start(argv('polite'));
      await readLog(handle, ready);
      await handle.kill();
      expect(await handle.wait()).toMatchObject({ exitCode: 7, stdout: 'ready\n' });
    });

    test('one signal is sent as it is', async () => {
      const handle = await sandbox().commands.start(argv('wait'));
      await handle.kill({ signal: 'SIGINT' });
      expect(await handle.wait()).toMatchObject({ exitCode: 130, signal: 'SIGINT' });
    });

    test('an abort ends the tree and throws its reason', async () => {
      const before = await processes();
      const abort = new AbortController();
      const running = sandbox().commands.run(argv('stubborn'), {
        graceMs: 300,
        signal: abort.signal,
        onStdout: () => abort.abort(new Error('not wanted any more')),
      });
      await expect(running).rejects.toThrow('not wanted any more');
      await untilProcesses(sandbox(), before);
    });

    test('a process that is left behind keeps no command from ending', async () => {
      const before = await processes();
      const handle = await sandbox().commands.start(argv('leaveBehind'));
      expect(await handle.wait()).toMatchObject({ exitCode: 5, stdout: 'left\n' });
      await untilProcesses(sandbox(), (before ?? 0) + 1);
      await handle.kill({ graceMs: 300 });
      await untilProcesses(sandbox(), before);
    });
  });
}
