import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { provideTool, type ProvideOptions } from '@ephemera/local-cluster';
import { EphemeraError } from '@ephemera/model';
import { GoMissing, LinuxMissing } from './errors.ts';
import { launcherText, placeLauncher } from './launcher.ts';
import { pulumi, pulumiVersion } from './tool.ts';

const languageHost = join(import.meta.dirname, 'language-host', 'main.ts');

/** Where everything is; nothing of it is on PATH. */
export interface PulumiTool {
  /** The path of `pulumi`. */
  readonly command: string;
  /** The folder of `pulumi` and of the language host that it looks for beside itself. */
  readonly folder: string;
  /** `v` and three numbers. */
  readonly version: string;
}

/**
 * Builds Pulumi's command line where the cache does not have it (about four minutes on two cores), and puts the language host beside it.
 * Throws `pulumi_cli.linux_missing` or `pulumi_cli.go_missing` where this machine cannot.
 */
export async function providePulumi(options: ProvideOptions): Promise<PulumiTool> {
  if (process.platform !== 'linux') throw new LinuxMissing({ platform: process.platform });
  const built = await provideTool(pulumi, options).catch(inOurWords);
  const folder = await provideFolder(built, resolve(options.cache));
  return { command: join(folder, 'pulumi'), folder, version: pulumiVersion };
}

/** Whoever asked for Pulumi should not read of a cluster. */
function inOurWords(error: unknown): never {
  if (error instanceof EphemeraError && error.code === 'local_cluster.go_missing') {
    throw new GoMissing({ tried: String(error.details['tried']) }, { cause: error });
  }
  throw error;
}

/**
 * A folder for this checkout and this Node: the launcher points to both, while all checkouts of a machine share the built program.
 * Pulumi looks for its language host beside the file that it was started from, which a symbolic link is not: hence the hard link.
 */
async function provideFolder(built: string, cache: string): Promise<string> {
  const identity = [basename(built), process.execPath, languageHost, launcherText].join('\0');
  const folder = join(cache, 'pulumi', createHash('sha256').update(identity).digest('hex').slice(0, 12));
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    const [from, to] = [join(built, 'pulumi'), join(fresh, 'pulumi')];
    await link(from, to).catch(() => copyFile(from, to));
    await placeLauncher({ folder: fresh, name: 'pulumi-language-nodejs', program: languageHost });
    await rename(fresh, folder).catch((error: unknown) => {
      // Another run has made the same one in the meantime.
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
