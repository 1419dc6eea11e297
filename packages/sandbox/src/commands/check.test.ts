import { describe, expect, test } from 'vitest';
import { SandboxInvalid } from '../errors.ts';
import type { Problem } from '../errors.ts';
import type { RunOptions, StartOptions } from '../commands-api.ts';
import { createLink } from '../link/link.ts';
import { ScriptedPlace } from '../link/testing/scripted-place.ts';
import { createCommands } from './create-commands.ts';

/** The paths of what is wrong. Nothing may have reached the sandbox. */
async function refused(work: (commands: ReturnType<typeof createCommands>) => Promise<unknown>): Promise<string[]> {
  const place = new ScriptedPlace();
  const link = createLink(place);
  const error: unknown = await work(createCommands(link)).catch((thrown: unknown) => thrown);
  link.dispose();
  expect(place.streams).toHaveLength(0);
  if (!(error instanceof SandboxInvalid)) throw error;
  return (error.details['problems'] as Problem[]).map(({ path }) => path);
}

const year = 31_536_000_000;

describe('what no command can have is refused before anything is sent', () => {
  test.each<[string, RunOptions, string[]]>([
    ['a time of 0', { timeoutMs: 0 }, ['timeoutMs']],
    ['a time of NaN', { timeoutMs: Number.NaN }, ['timeoutMs']],
    ['a time of a year', { timeoutMs: year }, ['timeoutMs']],
    ['a time without end', { timeoutMs: Infinity }, ['timeoutMs']],
    ['a time before now', { timeoutMs: -1 }, ['timeoutMs']],
    ['half a millisecond', { timeoutMs: 0.5 }, ['timeoutMs']],
    ['a grace below 0', { graceMs: -1 }, ['graceMs']],
    ['a grace of a year', { graceMs: year }, ['graceMs']],
    ['NUL in the folder', { cwd: 'a\0b' }, ['cwd']],
    ['no folder', { cwd: '' }, ['cwd']],
    ['a folder of 5,000 characters', { cwd: 'x'.repeat(5000) }, ['cwd']],
    ['NUL in a value', { env: { A: 'a\0b' } }, ['env["A"]']],
    ['= in a name', { env: { 'A=B': 'c' } }, ['env["A=B"]']],
    ['an empty name', { env: { '': 'c' } }, ['env[""]']],
    ['NUL in a name', { env: { 'A\0': 'c' } }, ['env["A\\u0000"]']],
    ['the name that the runner uses', { env: { EPHEMERA_COMMAND: 'x' } }, ['env["EPHEMERA_COMMAND"]']],
    ['half a character', { env: { A: '\uD800' } }, ['env["A"]']],
    ['more variables than a frame holds', { env: { A: 'x'.repeat(5_000_000) } }, ['env']],
    ['a value that is a number', { env: { A: 1 as unknown as string } }, ['env["A"]']],
    ['less than no output', { maxOutputBytes: -1 }, ['maxOutputBytes']],
    ['output of NaN', { maxOutputBytes: Number.NaN }, ['maxOutputBytes']],
    ['more output than memory', { maxOutputBytes: 1e12 }, ['maxOutputBytes']],
    ['a callback that is none', { onStdout: 'x' as unknown as () => void }, ['onStdout']],
    ['input that is none', { stdin: 5 as unknown as string }, ['stdin']],
    ['all at once', { timeoutMs: 0, cwd: '', env: { '': '' } }, ['env[""]', 'cwd', 'timeoutMs']],
  ])('%s', async (_, options, paths) => {
    expect(await refused((commands) => commands.run(['true'], options))).toEqual(paths);
  });

  test.each<[string, unknown, string]>([
    ['no program', [], 'argv[0]'],
    ['an empty program', [''], 'argv[0]'],
    ['a line instead of a list', 'npm test', 'argv'],
    ['NUL in an argument', ['a', 'b\0c'], 'argv[1]'],
    ['an argument that is no text', ['a', 5], 'argv[1]'],
    ['half a character', ['a', '\uDC00'], 'argv[1]'],
    ['more than a frame holds', ['a', 'x'.repeat(5_000_000)], 'argv'],
  ])('%s', async (_, argv, path) => {
    expect(await refused((commands) => commands.run(argv as string[]))).toEqual([path]);
    expect(await refused((commands) => commands.start(argv as string[]))).toEqual([path]);
  });

  test.each<[string, StartOptions['terminal'], string[]]>([
    ['0', { rows: 0, columns: 80 }, ['rows']],
    ['65,536', { rows: 24, columns: 65_536 }, ['columns']],
    ['NaN', { rows: Number.NaN, columns: Number.NaN }, ['rows', 'columns']],
  ])('a terminal of %s', async (_, terminal, paths) => {
    expect(await refused((commands) => commands.start(['sh'], terminal && { terminal }))).toEqual(paths);
  });

  test('a script that is none', async () => {
    expect(await refused((commands) => commands.shell(''))).toEqual(['script']);
    expect(await refused((commands) => commands.shell('a\0b'))).toEqual(['argv[2]']);
  });

  test('thousands of faults are an error that can be read', async () => {
    const env = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`A${index}=`, '']));
    expect(await refused((commands) => commands.run(['true'], { env }))).toHaveLength(20);
  });
});
