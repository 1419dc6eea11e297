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

export interface RunnerOptions {
  /** `checking`: with all wrong steps reported. Default. `users`: as it is shipped. */
  readonly build?: 'checking' | 'users';
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the user of the tests. */
  readonly uid?: number;
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

  private constructor(folder: string, program: string, child: ChildProcess) {
    this.folder = folder;
    this.work = join(folder, 'work');
    this.socket = join(folder, 'run', 'socket');
    this.program = program;
    this.#child = child;
    child.stderr?.on('data', (text) => (this.#stderr += String(text)));
    this.ended = once(child, 'exit').then(([code]) => code as number | null);
  }

  static async start({ build = 'checking', args = [], env = {}, uid }: RunnerOptions = {}): Promise<RunnerProcess> {
    const built = await (build === 'checking' ? checkingBuild() : usersBuild());
    const folder = await mkdtemp(join(tmpdir(), 'ephemera-runner-'));
    await chmod(folder, 0o777);
    // Where another user can run it, too.
    const program = join(folder, 'runner');
    await copyFile(built, program);
    const places = [
      '--work',
      join(folder, 'work'),
      '--output',
      join(folder, 'run'),
      '--socket',
      join(folder, 'run', 'socket'),
    ];
    // Its time is a bound for what a test that breaks off may leave behind.
    const child = spawn(program, ['init', ...places, '--any-client', '--expires-in', '300000', ...args], {
      env: { PATH: process.env['PATH'], HOME: join(folder, 'home'), ...CHECKING_ENV, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const runner = new RunnerProcess(folder, program, child);
    const listens = async () => (await RunnerClient.connect(runner.socket)).close();
    try {
      await vi.waitFor(listens, { timeout: 10_000, interval: 5 });
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
    await vi.waitFor(async () => expect(await alive(before)).toEqual([]), { timeout: 5000 });
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
