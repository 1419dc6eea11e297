import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { alone } from '../alone.ts';
import type { ProvideOptions } from '../build.ts';
import { run } from '../command.ts';
import { DebianMissing } from '../errors.ts';
import { aptOptions } from '../packages.ts';
import { findProgram } from '../programs.ts';
import { step } from '../progress.ts';
import { closureOf } from './closure.ts';

export interface DebianPackages {
  /** Packages whose files are wanted, with what they depend on. */
  readonly withDependencies: readonly string[];
  /** Of these only the files count: what they depend on is for installing them. */
  readonly alone?: readonly string[];
  /** What is not taken, nor followed, although something depends on it. */
  readonly leftOut: readonly string[];
}

const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);

/**
 * A folder with the files of Debian's packages, unpacked and not installed. It is kept for as long as apt knows the same versions.
 * Two callers at once unpack it once. Throws `local_cluster.debian_missing` on a machine without apt.
 */
export async function provideDebianFiles(packages: DebianPackages, options: ProvideOptions): Promise<string> {
  const programs = {
    'apt-get': await need('apt-get'),
    'apt-cache': await need('apt-cache'),
    'dpkg-deb': await need('dpkg-deb'),
  };
  const kept = join(resolve(options.cache), 'debian');
  await mkdir(kept, { recursive: true });
  return alone(`packages ${kept}`, options, () => provide(packages, programs, kept, options));
}

type Programs = Readonly<Record<'apt-get' | 'apt-cache' | 'dpkg-deb', string>>;

async function provide(
  { withDependencies, alone: single = [], leftOut }: DebianPackages,
  programs: Programs,
  kept: string,
  { report, signal }: ProvideOptions,
): Promise<string> {
  const options = { ...aptOptions(signal), cwd: kept };
  const attempt = async (): Promise<string> => {
    const graph = await run(programs['apt-cache'], ['depends', '--recurse', ...only, ...withDependencies], options);
    const names = [...closureOf(graph, withDependencies, leftOut), ...single];
    const versions = await run(programs['apt-get'], ['download', '--print-uris', '-q', ...names], options);
    const folder = join(kept, createHash('sha256').update(versions).digest('hex').slice(0, 12));
    if (!existsSync(folder)) {
      await removeUnfinished(kept);
      await step(report, "files of Debian's packages", () => unpack(programs, names, folder, signal));
    }
    return folder;
  };
  // Lists that were never fetched name no package, and old ones may name versions that are gone.
  return attempt().catch(async (error: unknown) => {
    if (signal?.aborted === true) throw error;
    await run(programs['apt-get'], ['update', '-q'], options);
    return attempt();
  });
}

async function need(program: string): Promise<string> {
  const path = await findProgram(program);
  if (path === undefined) throw new DebianMissing({ program });
  return path;
}

/** Unpacks beside the place and renames: a folder of that name is always complete. */
async function unpack(
  programs: Programs,
  names: readonly string[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const fresh = await mkdtemp(join(dirname(folder), '.new-'));
  const options = { ...aptOptions(signal), cwd: fresh };
  try {
    await run(programs['apt-get'], ['download', '-q', ...names], options);
    const archives = (await readdir(fresh)).filter((entry) => entry.endsWith('.deb'));
    for (const archive of archives) await run(programs['dpkg-deb'], ['-x', archive, 'root'], options);
    await rename(join(fresh, 'root'), folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What a killed run left. The caller is alone. */
async function removeUnfinished(kept: string): Promise<void> {
  const entries = (await readdir(kept)).filter((entry) => entry.startsWith('.new-'));
  await Promise.all(entries.map((entry) => rm(join(kept, entry), { recursive: true, force: true })));
}
