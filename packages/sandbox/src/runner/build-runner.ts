import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RunnerMissing } from '../errors.ts';
import type { SandboxArch } from '../sandbox-options.ts';

const COMPILER = 'musl-gcc';
const TIMEOUT_MS = 120_000;

/** Of the language and of what is an error; also those of tests that build it in other ways. */
export const SOURCE_FLAGS: readonly string[] = [
  '-std=c11',
  '-D_GNU_SOURCE',
  '-Wall',
  '-Wextra',
  '-Wconversion',
  '-Werror',
];

/** Static, so that it runs in images without any library; small, because it comes as a part of an object of the cluster. */
export const BUILD_FLAGS: readonly string[] = [
  ...SOURCE_FLAGS,
  '-Os',
  '-static',
  '-s',
  '-fno-asynchronous-unwind-tables',
  '-ffunction-sections',
  '-fdata-sections',
  '-fstack-protector-strong',
  '-Wl,--gc-sections',
  '-Wl,-z,noexecstack',
];

export interface BuildOptions {
  /** The folder of the C files. */
  readonly sources: string;
  readonly to: string;
  readonly arch: SandboxArch;
}

/** Builds it for this machine. Throws `sandbox.runner_missing` with what the compiler says. */
export async function buildRunner({ sources, to, arch }: BuildOptions): Promise<void> {
  const files = (await readdir(sources)).filter((name) => name.endsWith('.c')).toSorted();
  const args = [...BUILD_FLAGS, '-o', to, ...files.map((name) => join(sources, name))];
  try {
    await promisify(execFile)(COMPILER, args, { timeout: TIMEOUT_MS, maxBuffer: 1024 * 1024 });
  } catch (error) {
    throw new RunnerMissing({ arch, problem: problemOf(error) }, { cause: error });
  }
}

function problemOf(error: unknown): string {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
  if (code === 'ENOENT') return `${COMPILER} is not on this machine`;
  const first = (stderr ?? '').split('\n').find((line) => line.includes('error'));
  return `${COMPILER} failed${first === undefined ? '' : `: ${first}`}`;
}
