import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SOURCE_FLAGS } from '../../src/runner/build-runner.ts';
import { provideRunner } from '../../src/runner/provide-runner.ts';
import { readSources, sourceHash } from '../../src/runner/sources.ts';

export const SOURCES = join(import.meta.dirname, '..', '..', 'runner');
const cache = process.env['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera');

/** Wrong memory accesses and undefined behaviour end it with a report and code 99. */
const CHECKING_FLAGS = [
  ...SOURCE_FLAGS,
  '-O1',
  '-g',
  '-fno-omit-frame-pointer',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
];

/** Leaks cannot be looked for in a process that nobody may trace; tests of growth stand for that. */
export const CHECKING_ENV = { ASAN_OPTIONS: 'detect_leaks=0:exitcode=99', UBSAN_OPTIONS: 'print_stacktrace=1' };

/** Without these nothing here can run; the test runner installs them where it can, and says what is missing elsewhere. */
export const lacksCompilers = ['gcc', 'musl-gcc'].some((name) => spawnSync(name, ['--version']).status !== 0);

/** The program that users get, as a file. */
export async function usersBuild(): Promise<string> {
  const bytes = await provideRunner(process.arch === 'arm64' ? 'arm64' : 'amd64');
  const path = join(cache, 'runner', `test-${createHash('sha256').update(bytes).digest('hex')}`);
  return atomically(path, (making) => writeFile(making, bytes, { mode: 0o755 }));
}

/** The same sources, built so that every wrong step ends the program. */
export async function checkingBuild(): Promise<string> {
  const hash = sourceHash(await readSources(SOURCES), CHECKING_FLAGS);
  return atomically(join(cache, 'runner', `checking-${hash}`), async (making) => {
    const files = (await readdir(SOURCES)).filter((name) => name.endsWith('.c')).map((name) => join(SOURCES, name));
    await promisify(execFile)('gcc', [...CHECKING_FLAGS, '-o', making, ...files], { timeout: 120_000 });
  });
}

/** A program that a test has run in the sandbox; its source is in `hostile/`. */
export async function hostileProgram(name: string): Promise<string> {
  const source = join(import.meta.dirname, 'hostile', `${name}.c`);
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex');
  // Where any user can run it.
  return atomically(join(tmpdir(), 'ephemera-hostile', hash), async (making) => {
    await promisify(execFile)('gcc', ['-D_GNU_SOURCE', '-o', making, source], { timeout: 120_000 });
  });
}

/** Two test processes may make it at the same time; each file is whole under its name. */
async function atomically(path: string, make: (making: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path;
  await mkdir(join(path, '..'), { recursive: true });
  const making = `${path}.${process.pid}.${crypto.randomUUID()}`;
  await make(making);
  await rename(making, path);
  return path;
}
