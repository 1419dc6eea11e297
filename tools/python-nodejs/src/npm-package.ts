import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ProvideOptions } from '@ephemera/local-cluster';
import { alone, findProgram, run, step } from '@ephemera/local-cluster/machinery';
import { NpmMissing } from './errors.ts';

const timeoutMs = 5 * 60_000;

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * A folder with the files of a package, fetched by npm, which proves that they are the published ones. Nothing of it is installed or run.
 * Two callers at once fetch it once. Throws `python_nodejs.npm_missing`.
 */
export async function provideNpmPackage({ name, version }: NpmPackage, options: ProvideOptions): Promise<string> {
  const [npm, tar] = await Promise.all([findProgram('npm'), findProgram('tar')]);
  if (npm === undefined || tar === undefined) throw new NpmMissing({});
  const kept = join(resolve(options.cache), 'npm-packages');
  const folder = join(kept, `${name}-${version}`);
  await mkdir(kept, { recursive: true });
  await alone(`packages ${kept}`, options, async () => {
    if (existsSync(folder)) return;
    await removeUnfinished(kept);
    await step(options.report, `${name} ${version}`, async () => {
      // Unpacked beside the place and renamed: a folder of that name is always complete.
      const fresh = await mkdtemp(join(kept, '.new-'));
      const inFresh = { cwd: fresh, timeoutMs, signal: options.signal };
      try {
        await run(npm, ['pack', `${name}@${version}`, '--ignore-scripts', '--loglevel=error'], inFresh);
        const archive = (await readdir(fresh)).find((entry) => entry.endsWith('.tgz')) ?? '';
        await run(tar, ['-xzf', archive], inFresh);
        await rename(join(fresh, 'package'), folder);
      } finally {
        await rm(fresh, { recursive: true, force: true });
      }
    });
  });
  return folder;
}

/** What a killed run left. The caller is alone. */
async function removeUnfinished(kept: string): Promise<void> {
  const entries = (await readdir(kept)).filter((entry) => entry.startsWith('.new-'));
  await Promise.all(entries.map((entry) => rm(join(kept, entry), { recursive: true, force: true })));
}
