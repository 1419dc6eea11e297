import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alone } from './alone.ts';
import { provideBusybox } from './busybox.ts';
import { run } from './command.ts';
import type { ClusterOptions } from './contract.ts';
import { sharedFolders } from './layout.ts';
import { providePackages } from './packages.ts';
import { findProgram } from './programs.ts';
import { step } from './progress.ts';
import { findGo } from './toolchain.ts';
import { buildCommand, moduleFolder, toolKey, tools, type Tool } from './tools.ts';

/** Kubernetes takes four minutes on two cores with everything cold, more where the modules arrive slowly. */
const buildTimeoutMs = 45 * 60_000;

export type ProvideOptions = Pick<ClusterOptions, 'cache' | 'report' | 'signal'>;

/** Provides every program that an instance runs. The caller holds the lock of the tools folder. */
export async function provideTools(options: ClusterOptions): Promise<void> {
  const missing = missingOf(tools, options.cache);
  const { report, signal } = options;
  await providePackages({ building: missing.some((tool) => tool.cgo === true), report, signal });
  await buildAll(missing, options);
  await provideBusybox(options.cache, options.report, options.signal);
}

/**
 * Provides one program that is no part of the cluster, and returns the folder of its binaries. Two callers at once build it once.
 * Throws `local_cluster.go_missing` where there is nothing to build with, `local_cluster.command_failed` when the build fails.
 */
export async function provideTool(tool: Tool, options: ProvideOptions): Promise<string> {
  const folder = sharedFolders(options.cache).tools;
  await alone(`tools ${folder}`, options, () => buildAll(missingOf([tool], options.cache), options));
  return join(folder, toolKey(tool));
}

function missingOf(wanted: readonly Tool[], cache: string): readonly Tool[] {
  const folder = sharedFolders(cache).tools;
  return wanted.filter((tool) => !existsSync(join(folder, toolKey(tool))));
}

/** Builds one after the other: each build keeps all cores busy by itself. */
async function buildAll(missing: readonly Tool[], { cache, report, signal }: ProvideOptions): Promise<void> {
  const folder = sharedFolders(cache).tools;
  if (missing.length === 0) return;
  await mkdir(folder, { recursive: true });
  await removeUnfinished(folder);
  const go = await findGo({ cache, report, signal });
  for (const [index, tool] of missing.entries()) {
    const name = `build ${tool.name} ${tool.version === 'own' ? '' : `${tool.version} `}(${index + 1} of ${missing.length})`;
    await step(report, name, () => build(go, tool, folder, signal));
  }
}

/** Builds beside the place and renames: a folder of that name is always complete. */
async function build(go: string, tool: Tool, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const fresh = join(folder, `.new-${tool.name}-${process.pid}`);
  const temporary = join(folder, `.new-work-${process.pid}`);
  await Promise.all([fresh, temporary].map((path) => mkdir(path, { recursive: true })));
  const { args, cgo } = buildCommand(tool, `${fresh}/`);
  const [command = go, ...rest] = [...(await endsWithUs()), go, ...args];
  try {
    await run(command, rest, {
      cwd: 'module' in tool.source ? moduleFolder(tool.source) : folder,
      env: {
        ...process.env,
        // The modules name the toolchain that they need; machines may be set to refuse fetching it.
        GOTOOLCHAIN: 'auto',
        // Nobody's own settings: what is built depends on what is committed.
        GOFLAGS: '',
        GOWORK: 'off',
        GOBIN: fresh,
        // A killed build leaves its work folder behind; in the cache it is found and removed.
        GOTMPDIR: temporary,
        GOGC: '400',
        CGO_ENABLED: cgo ? '1' : '0',
      },
      timeoutMs: buildTimeoutMs,
      signal,
    });
    await rename(fresh, join(folder, toolKey(tool)));
  } finally {
    await Promise.all([fresh, temporary].map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** A build of minutes should not go on when its starter was killed; a program of util-linux can ask the kernel for that. */
async function endsWithUs(): Promise<string[]> {
  const setpriv = await findProgram('setpriv');
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
}

/** What a killed build left. The caller holds the lock, so none of it is in use. */
async function removeUnfinished(folder: string): Promise<void> {
  const entries = await readdir(folder);
  await Promise.all(
    entries
      .filter((entry) => entry.startsWith('.new-'))
      .map((entry) => rm(join(folder, entry), { recursive: true, force: true })),
  );
}
