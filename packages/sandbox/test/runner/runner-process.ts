import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { checkingBuild, CHECKING_ENV, usersBuild } from './builds.ts';
import { RunnerClient } from './client.ts';

/** How long it may take until a runner is there that has to be compiled first. */
export const BUILD_MS = 120_000;

/** For what happens by itself, on a machine that has much else to do. Little enough that a test still says what it waited for. */
export const patience = { timeout: 15_000, interval: 20 } as const;

export interface RunnerOptions {
  /** `checking`: with all wrong steps reported. Default. `users`: as it is shipped. */
  readonly build?: 'checking' | 'users';
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the user of the tests. */
  readonly uid?: number;
  /** How many files it and its commands may have open. Default: as many as the tests. */
  readonly openFiles?: number;
  /** The name of the work folder. Default `work`. */
  readonly work?: string;
  /** Makes what is to be in its folder before it begins: the work folder is in there, and `home`. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** A runner as an ordinary process in a folder of its own; its end is checked. */
export class RunnerProcess {
  readonly folder: string;
  readonly work: string;
  readonly socket: string;
  readonly program: string;
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #clients: RunnerClient[] = [];
  #stderr = '';

  private constructor(folder: string, work: string, child: ChildProcess) {
    this.folder = folder;
    this.work = work;
    this.socket = join(folder, 'run', 'socket');
    this.program = join(folder, 'runner');
    this.#child = child;
    child.stderr?.on('data', (text) => (this.#stderr += String(text)));
    this.ended = once(child, 'exit').then(([code]) => code as number | null);
  }

  static async start(options: RunnerOptions = {}): Promise<RunnerProcess> {
    const { build = 'checking', args = [], env = {}, uid, work = 'work', openFiles, prepare } = options;
    const built = await (build === 'checking' ? checkingBuild() : usersBuild());
    const folder = await mkdtemp(join(tmpdir(), 'ephemera-runner-'));
    await chmod(folder, 0o777);
    await prepare?.(folder);
    // Where another user can run it, too.
    const program = join(folder, 'runner');
    await copyFile(built, program);
    const places = [
      '--work',
      join(folder, work),
      '--output',
      join(folder, 'run'),
      '--socket',
      join(folder, 'run', 'socket'),
    ];
    // Its time is a bound for what a test that breaks off may leave behind.
    const argv = [program, 'init', ...places, '--any-client', '--expires-in', '300000', ...args];
    const limited =
      openFiles === undefined ? argv : ['sh', '-c', 'ulimit -n "$0"; exec "$@"', String(openFiles), ...argv];
    const child = spawn(String(limited[0]), limited.slice(1), {
      env: { PATH: process.env['PATH'], HOME: join(folder, 'home'), ...CHECKING_ENV, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const runner = new RunnerProcess(folder, join(folder, work), child);
    const listens = async () => (await RunnerClient.connect(runner.socket)).close();
    try {
      await vi.waitFor(listens, { ...patience, interval: 5 });
    } catch (error) {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw new Error(`The runner does not listen: ${runner.stderr}`, { cause: error });
    }
    return runner;
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  get stderr(): string {
    return this.#stderr;
  }

  async client(): Promise<RunnerClient> {
    const client = await RunnerClient.connect(this.socket);
    this.#clients.push(client);
    return client;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async openFiles(): Promise<number> {
    return (await readdir(`/proc/${this.pid}/fd`)).length;
  }

  async memoryBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Ends it as the cluster would, and checks that it went in order and that nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const before = await descendants(this.pid);
    for (const client of this.#clients) await client.close();
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), 12_000);
    this.#child.kill('SIGTERM');
    const code = await this.ended;
    clearTimeout(deadline);
    await rm(this.folder, { recursive: true, force: true });
    expect(this.#stderr).toBe('');
    expect([0, 143]).toContain(code);
    await vi.waitFor(async () => expect(await alive(before)).toEqual([]), patience);
  }
}

/** All processes below one. */
export async function descendants(of: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (stat !== '') parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = new Set([of]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(of);
  return [...found];
}

/** Those that have not ended; zombies have. */
export async function alive(pids: readonly number[]): Promise<readonly number[]> {
  const states = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return { pid, state: stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) };
    }),
  );
  return states.filter(({ state }) => state !== '' && state !== 'Z' && state !== 'X').map(({ pid }) => pid);
}
