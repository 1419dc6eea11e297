import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ProvideOptions } from '@ephemera/local-cluster';
import { aptOptions, findProgram, run, step } from '@ephemera/local-cluster/machinery';
import { DebianMissing } from '../errors.ts';
import { closureOf } from './closure.ts';

/** Packages whose files are wanted, with what they depend on. */
const withLibraries = ['git', 'libseccomp2'];
/** Of this one only the files count: what it depends on is for installing it. */
const alone = ['ca-certificates'];
/** Git's commands in Perl, its manuals, and what packages need while they are being installed. */
const leftOut = ['perl', 'liberror-perl', 'git-man', 'debconf', 'cdebconf', 'dpkg', 'openssl'];

const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);

/**
 * A folder with the files of Debian's packages, unpacked and not installed. It is kept for as long as apt knows the same versions.
 * Throws `buildx.debian_missing` on a machine without apt. The caller is alone in it.
 */
export async function provideDebianFiles({ cache, report, signal }: ProvideOptions): Promise<string> {
  const programs = {
    'apt-get': await need('apt-get'),
    'apt-cache': await need('apt-cache'),
    'dpkg-deb': await need('dpkg-deb'),
  };
  const kept = join(resolve(cache), 'debian');
  await mkdir(kept, { recursive: true });
  const options = { ...aptOptions(signal), cwd: kept };
  const provide = async (): Promise<string> => {
    const graph = await run(programs['apt-cache'], ['depends', '--recurse', ...only, ...withLibraries], options);
    const names = [...closureOf(graph, withLibraries, leftOut), ...alone];
    const versions = await run(programs['apt-get'], ['download', '--print-uris', '-q', ...names], options);
    const folder = join(kept, createHash('sha256').update(versions).digest('hex').slice(0, 12));
    if (!existsSync(folder)) {
      await removeUnfinished(kept);
      await step(report, "files of Debian's packages", () => unpack(programs, names, folder, signal));
    }
    return folder;
  };
  // Lists that were never fetched name no package, and old ones may name versions that are gone.
  return provide().catch(async (error: unknown) => {
    if (signal?.aborted === true) throw error;
    await run(programs['apt-get'], ['update', '-q'], options);
    return provide();
  });
}

async function need(program: string): Promise<string> {
  const path = await findProgram(program);
  if (path === undefined) throw new DebianMissing({ program });
  return path;
}

/** Unpacks beside the place and renames: a folder of that name is always complete. */
async function unpack(
  programs: { readonly 'apt-get': string; readonly 'dpkg-deb': string },
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

/** What a killed run left. */
async function removeUnfinished(kept: string): Promise<void> {
  const entries = (await readdir(kept)).filter((entry) => entry.startsWith('.new-'));
  await Promise.all(entries.map((entry) => rm(join(kept, entry), { recursive: true, force: true })));
}
