import { describe, expect, test } from 'vitest';
import { Sandbox } from '../../src/sandbox.ts';
import type { Harness } from './harness.ts';
import { codeOf, sharedSandbox } from './setting.ts';

const year = 365 * 24 * 3_600_000;

export function badInputContract(harness: Harness): void {
  describe('what cannot be done', () => {
    const sandbox = sharedSandbox(harness);
    const { argv } = harness;

    test.each<[string, readonly string[], object]>([
      ['no program', [], {}],
      ['an empty program', [''], {}],
      ['NUL in an argument', ['true', 'a\0b'], {}],
      ['NUL in the environment', ['true'], { env: { A: 'a\0b' } }],
      ['a variable without a name', ['true'], { env: { '': 'a' } }],
      ['= in the name of a variable', ['true'], { env: { 'A=B': 'a' } }],
      ['NUL in the folder', ['true'], { cwd: 'a\0b' }],
      ['a time limit of 0', ['true'], { timeoutMs: 0 }],
      ['a time limit below 0', ['true'], { timeoutMs: -1 }],
      ['a time limit of a year', ['true'], { timeoutMs: year }],
      ['a time limit that is no number', ['true'], { timeoutMs: Number.NaN }],
    ])('%s is refused before anything runs', async (_, bad, options) => {
      expect(await codeOf(sandbox().commands.run(bad, options))).toBe('sandbox.invalid');
      expect(await codeOf(sandbox().commands.start(bad, options))).toBe('sandbox.invalid');
    });

    test('1 MB of arguments arrives, and one argument that the kernel does not take is an error', async () => {
      const many = Array.from({ length: 1000 }, (_, index) => `${index}`.padEnd(1000, 'x'));
      const { stdout, exitCode } = await sandbox().commands.run(argv('args', ...many));
      expect(exitCode).toBe(0);
      expect(stdout).toBe(many.map((one) => `${one}\0`).join(''));
      const tooLong = sandbox().commands.run(argv('args', 'x'.repeat(1_000_000)));
      expect(await codeOf(tooLong)).toBe('sandbox.command_not_started');
    });

    test.each([0, -1, 999, year, Number.NaN, 1.5])('a sandbox for %d ms is refused', async (timeoutMs) => {
      expect(await codeOf(harness.create({ timeoutMs }))).toBe('sandbox.invalid');
      expect(await codeOf(sandbox().extend(timeoutMs))).toBe('sandbox.invalid');
    });

    test('everything that is wrong with a sandbox is told at once', async () => {
      const wrong = harness.create({
        image: '',
        timeoutMs: 0,
        disk: { size: 'much' },
        env: { '': 'x' },
        name: 'No Name',
      });
      await expect(wrong).rejects.toMatchObject({ code: 'sandbox.invalid' });
      const error = await wrong.catch((thrown: unknown) => thrown as { details: { problems: { path: string }[] } });
      const paths = 'details' in error ? error.details.problems.map(({ path }) => path.split('[')[0]) : [];
      expect(new Set(paths)).toEqual(new Set(['image', 'timeoutMs', 'disk.size', 'env', 'name']));
    });

    test.each<[string, Record<string, string>]>([
      ['an empty name', { '': 'x' }],
      ['= in a name', { 'A=B': 'x' }],
      ['NUL in a value', { A: 'a\0b' }],
      ['more than the sandbox can be sent', { A: 'x'.repeat(5_000_000) }],
    ])('an environment with %s is refused by a sandbox, new or found', async (_, env) => {
      expect(await codeOf(harness.create({ env }))).toBe('sandbox.invalid');
      expect(await codeOf(Sandbox.connect(sandbox().id, { on: harness.host, env }))).toBe('sandbox.invalid');
      expect(await sandbox().commands.run(argv('exit', '0'))).toMatchObject({ exitCode: 0 });
    });

    test.each(['sandbox-0123456789', 'no-such-one', '../../x', ''])('there is no sandbox %j', async (id) => {
      expect(await codeOf(Sandbox.connect(id, { on: harness.host }))).toBe('sandbox.not_found');
    });

    test.each([0, -1, 65_536, 1.5])('port %d is refused', async (port) => {
      expect(await codeOf(sandbox().waitForPort(port))).toBe('sandbox.invalid');
      expect(await codeOf(sandbox().forward(port))).toBe('sandbox.invalid');
    });

    test('a signal that was aborted before stops everything', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(harness.create({ signal })).rejects.toThrow('too late');
      await expect(sandbox().commands.run(argv('exit', '0'), { signal })).rejects.toThrow('too late');
      await expect(sandbox().files.read('file', { signal })).rejects.toThrow('too late');
    });
  });
}
