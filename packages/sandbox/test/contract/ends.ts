import { describe, expect, test, vi } from 'vitest';
import type { CommandHandle } from '../../src/commands-api.ts';
import { Sandbox } from '../../src/sandbox.ts';
import type { Harness } from './harness.ts';
import { codeOf, patience, readLog } from './setting.ts';

/** How a wait for a command came out: the signal, the code of an error, or else the exit code. */
async function outcomeOf(handle: CommandHandle): Promise<string> {
  try {
    const { signal, exitCode } = await handle.wait();
    return signal ?? String(exitCode);
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

/** A sandbox of a test's own, with a command that runs in it. */
async function withCommand(harness: Harness, options: Parameters<Harness['create']>[0] = {}) {
  const sandbox = await harness.create(options);
  const handle = await sandbox.commands.start(harness.argv('wait'));
  const waiting = outcomeOf(handle);
  return { sandbox, handle, waiting, id: sandbox.id, [Symbol.asyncDispose]: () => sandbox.kill() };
}

/** Nothing is carried out any more; and once the sandbox's own last words are said, everything has the same answer. */
async function expectAlways(sandbox: Sandbox, code: string, argv: readonly string[]): Promise<void> {
  expect(await codeOf(sandbox.commands.run(argv))).toBeDefined();
  await vi.waitFor(async () => {
    expect(await codeOf(sandbox.commands.run(argv))).toBe(code);
    expect(await codeOf(sandbox.files.read('file'))).toBe(code);
    expect(await codeOf(sandbox.metrics())).toBe(code);
  }, patience);
}

export function endsContract(harness: Harness): void {
  const { argv, faults } = harness;

  describe('how sandboxes end', () => {
    test('a pod that is deleted in mid-command is told as gone, and its command has no result', async () => {
      await using ending = await withCommand(harness);
      await faults.deletePod(ending.id);
      // The runner ends what runs, and what comes of that is no result.
      expect(await ending.waiting).toBe('sandbox.gone');
      await expectAlways(ending.sandbox, 'sandbox.gone', argv('exit', '0'));
    });

    test('an eviction in mid-command is told as one, and may be tried again with another sandbox', async () => {
      await using ending = await withCommand(harness);
      await faults.evict(ending.id);
      expect(await ending.waiting).toBe('sandbox.evicted');
      await expectAlways(ending.sandbox, 'sandbox.evicted', argv('exit', '0'));
    });

    test('a child that the kernel kills for memory makes the exit code of its parent no result', async () => {
      await using sandbox = await harness.create({ resources: { limits: { memory: '64Mi' } } });
      const { commands } = sandbox;
      const running = codeOf(commands.run(argv('starveChild')));
      // The kernel may take the whole sandbox along.
      expect(['sandbox.command_out_of_memory', 'sandbox.out_of_memory']).toContain(await running);
    });

    test('a command that the kernel kills for memory has no result', async () => {
      await using sandbox = await harness.create({ resources: { limits: { memory: '64Mi' } } });
      const running = codeOf(sandbox.commands.run(argv('starve')));
      expect(['sandbox.command_out_of_memory', 'sandbox.out_of_memory']).toContain(await running);
    });

    test('a sandbox that the kernel kills for memory is told as such', async () => {
      await using ending = await withCommand(harness, {
        resources: { limits: { memory: '64Mi' } },
        disk: { medium: 'memory', size: '64Mi' },
      });
      await faults.outOfMemory(ending.id);
      // Its commands come first, and one of them may be told before all the rest goes.
      expect(['sandbox.out_of_memory', 'sandbox.command_out_of_memory']).toContain(await ending.waiting);
      await expectAlways(ending.sandbox, 'sandbox.out_of_memory', argv('exit', '0'));
    });

    test('at its expiry a sandbox ends with all that runs in it, and says why', async () => {
      await using sandbox = await harness.create({ timeoutMs: 60_000 });
      await sandbox.extend(2_000);
      const handle = await sandbox.commands.start(argv('wait'));
      const outcome = outcomeOf(handle);
      await faults.passTime(sandbox.id, 2_000);
      expect(await outcome).toBe('sandbox.expired');
      await expectAlways(sandbox, 'sandbox.expired', argv('exit', '0'));
    });

    test('a command that answers the end of its sandbox with a 0 has no result', async () => {
      await using sandbox = await harness.create({ timeoutMs: 60_000 });
      const handle = await sandbox.commands.start(argv('pretend'));
      const outcome = outcomeOf(handle);
      await readLog(handle, (text) => text.includes('ready'));
      await sandbox.extend(2_000);
      await faults.passTime(sandbox.id, 2_000);
      expect(await outcome).toBe('sandbox.expired');
    });

    test('what is to be started while the sandbox ends is told why it does, not that it was refused', async () => {
      await using sandbox = await harness.create({ timeoutMs: 60_000 });
      // It takes all of the grace.
      const handle = await sandbox.commands.start(argv('defiant'));
      await readLog(handle, (text) => text.includes('ready'));
      await sandbox.extend(2_000);
      await faults.passTime(sandbox.id, 2_000);
      await readLog(handle, (text) => text.includes('told'));
      const late = codeOf(sandbox.commands.run(argv('exit', '0')));
      await faults.passTime(sandbox.id, 5_000);
      expect(await late).toBe('sandbox.expired');
      expect(await outcomeOf(handle)).toBe('sandbox.expired');
    });

    test('an extension moves the end', async () => {
      await using sandbox = await harness.create({ timeoutMs: 60_000 });
      const before = Date.parse((await sandbox.info()).expiresAt);
      const { expiresAt } = await sandbox.extend(600_000);
      expect(Date.parse(expiresAt) - before).toBeGreaterThan(500_000);
      expect((await sandbox.info()).expiresAt).toBe(expiresAt);
    });

    test('a sandbox that nobody uses ends after its idle time', async () => {
      await using sandbox = await harness.create({ idleTimeoutMs: 1_000 });
      const { id } = sandbox;
      await sandbox.commands.run(argv('exit', '0'));
      await sandbox.disconnect();
      await using other = await Sandbox.connect(id, { on: harness.host });
      await faults.passTime(id, 1_000);
      await vi.waitFor(async () => expect((await other.info()).state).toBe('ended'), patience);
      expect(await codeOf(other.commands.run(argv('exit', '0')))).toBe('sandbox.expired');
    });

    test('a sandbox that is killed is gone with all that belongs to it, however often and from wherever', async () => {
      await using ending = await withCommand(harness);
      const other = await Sandbox.connect(ending.id, { on: harness.host });
      expect(await harness.left(ending.id)).not.toEqual([]);
      await Promise.all([ending.sandbox.kill(), other.kill()]);
      expect(await harness.left(ending.id)).toEqual([]);
      expect(['sandbox.gone', 'sandbox.handle_closed']).toContain(await ending.waiting);
      await ending.sandbox.kill();
      expect(await codeOf(Sandbox.connect(ending.id, { on: harness.host }))).toBe('sandbox.not_found');
      expect((await Sandbox.list({ on: harness.host })).map(({ id }) => id)).not.toContain(ending.id);
    });

    test('a full disk fails what writes to it, and the sandbox goes on', async () => {
      await using sandbox = await harness.create({ disk: { size: '16Mi', medium: 'memory' } });
      expect(await sandbox.commands.run(argv('fill', 'big', String(32 * 1024 * 1024)))).toMatchObject({ exitCode: 1 });
      await sandbox.files.remove('big');
      const tooMuch = sandbox.files.write('big', Buffer.alloc(32 * 1024 * 1024));
      await expect(tooMuch).rejects.toMatchObject({ code: 'sandbox.file', details: { kind: 'no_space' } });
      await sandbox.files.write('small', 'fits');
      expect(await sandbox.files.readText('small')).toBe('fits');
      expect((await sandbox.files.list()).map(({ path }) => path)).toEqual(['small']);
    });
  });
}
