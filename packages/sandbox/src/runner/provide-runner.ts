import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RunnerMissing } from '../errors.ts';
import type { SandboxArch } from '../sandbox-options.ts';
import { buildRunner, BUILD_FLAGS } from './build-runner.ts';
import { readSources, sourceHash } from './sources.ts';

/** The C sources, and where a package has the built ones beside them. */
const FOLDER = join(import.meta.dirname, '..', '..', 'runner');
const NODE_ARCH: Readonly<Record<SandboxArch, string>> = { amd64: 'x64', arm64: 'arm64' };

export interface ProvideRunnerOptions {
  /** The folder of what was built. Default EPHEMERA_CACHE, else `~/.cache/ephemera`. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
}

/** Read once in the life of a process. */
const provided = new Map<string, Promise<Uint8Array>>();

/**
 * The runner as a static Linux program: the one that the package came with, else the one in the cache, else built for
 * this machine's architecture from the sources. Throws `sandbox.runner_missing`.
 */
export async function provideRunner(arch: SandboxArch, options: ProvideRunnerOptions = {}): Promise<Uint8Array> {
  const { signal, cache = process.env['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera') } = options;
  signal?.throwIfAborted();
  const key = `${arch} ${cache}`;
  const providing = provided.get(key) ?? provide(arch, cache);
  provided.set(key, providing);
  // What failed may be there the next time.
  providing.catch(() => provided.delete(key));
  return unlessAborted(providing, signal);
}

/** The building is shared, so that one who gives up does not end it for the others. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function provide(arch: SandboxArch, cache: string): Promise<Uint8Array> {
  const shipped = await readIfThere(join(FOLDER, 'bin', `runner-linux-${arch}`));
  if (shipped !== undefined) return shipped;
  const hash = sourceHash(await readSources(FOLDER), [...BUILD_FLAGS, arch]);
  const folder = join(cache, 'runner');
  const cached = await readIfThere(join(folder, hash));
  // After a loss of power a file may be there without its content.
  if (cached !== undefined && isProgram(cached)) return cached;
  if (process.platform !== 'linux' || process.arch !== NODE_ARCH[arch]) {
    throw new RunnerMissing({
      arch,
      problem: `it is not in the package, and this is ${process.platform} on ${process.arch}`,
    });
  }
  await mkdir(folder, { recursive: true });
  // Under a name of its own until it is whole: two processes may build at once, and both results are the same.
  const making = join(folder, `${hash}.${randomUUID()}`);
  try {
    await buildRunner({ sources: FOLDER, to: making, arch });
    const built = await readFile(making);
    await datasync(making);
    await rename(making, join(folder, hash));
    return built;
  } finally {
    await rm(making, { force: true });
  }
}

function isProgram(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).equals(Buffer.from('\x7fELF', 'latin1'));
}

async function datasync(path: string): Promise<void> {
  await using file = await open(path);
  await file.datasync();
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
