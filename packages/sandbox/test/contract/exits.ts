import { describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { codeOf, sharedSandbox } from './setting.ts';

/** Enough at once to be quick, and few enough to be gentle. */
const atOnce = 32;

export function exitsContract(harness: Harness): void {
  describe('how commands end', () => {
    const sandbox = sharedSandbox(harness);
    const { argv } = harness;

    test('every exit code from 0 to 255 arrives as it is', async () => {
      const codes = Array.from({ length: 256 }, (_, code) => code);
      const seen: number[] = [];
      for (let first = 0; first < codes.length; first += atOnce) {
        const results = codes
          .slice(first, first + atOnce)
          .map((code) => sandbox().commands.run(argv('exit', String(code))));
        seen.push(...(await Promise.all(results)).map(({ exitCode }) => exitCode));
      }
      expect(seen).toEqual(codes);
    });

    test.each([
      ['KILL', 137],
      ['TERM', 143],
      ['SEGV', 139],
      ['USR1', 138],
      ['ABRT', 134],
    ])('a command that SIG%s ends has the exit code %i and the name of the signal', async (name, exitCode) => {
      const result = await sandbox().commands.run(argv('die', name));
      expect(result).toMatchObject({ exitCode, signal: `SIG${name}`, timedOut: false });
    });

    test('a command that ends by itself has no signal, and the times of its run', async () => {
      const result = await sandbox().commands.run(argv('exit', '3'));
      expect(result).not.toHaveProperty('signal');
      expect(Date.parse(result.endedAt)).toBeGreaterThanOrEqual(Date.parse(result.startedAt));
    });

    test('a program that is not there is an error and no exit code', async () => {
      expect(await codeOf(sandbox().commands.run(['no-such-program']))).toBe('sandbox.command_not_started');
      expect(await codeOf(sandbox().commands.run(['/bin/no-such-program']))).toBe('sandbox.command_not_started');
      const options = { cwd: 'no/such/folder' };
      expect(await codeOf(sandbox().commands.run(argv('pwd'), options))).toBe('sandbox.command_not_started');
    });

    test('a script of a shell runs by the call that is named for it', async () => {
      expect(await sandbox().commands.shell('echo "$((6 * 7))"; exit 3')).toMatchObject({
        exitCode: 3,
        stdout: '42\n',
      });
    });

    test('arguments arrive as they are, whatever is in them', async () => {
      const given = ['', ' ', '$HOME `id` "quoted" \'too\'', '-n', '*', 'zażółć', 'two\nlines', '\t', '; exit 9'];
      const { stdout, exitCode } = await sandbox().commands.run(argv('args', ...given));
      expect({ stdout, exitCode }).toEqual({ stdout: given.map((one) => `${one}\0`).join(''), exitCode: 0 });
    });

    test('a command runs in the work folder, or in the one that it is given', async () => {
      const folderOf = async (cwd?: string) =>
        (await sandbox().commands.run(argv('pwd'), cwd === undefined ? {} : { cwd })).stdout;
      await sandbox().files.write('deep/er/file', '');
      expect(await folderOf()).toBe('/workspace\n');
      expect(await folderOf('deep/er')).toBe('/workspace/deep/er\n');
      expect(await folderOf('/tmp')).toBe('/tmp\n');
    });
  });
}
