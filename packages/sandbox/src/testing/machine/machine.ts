import { posix } from 'node:path';
import { messageOf } from '@ephemera/model';
import { FileSystem } from '../files/file-system.ts';
import type { FakeProcess, FakeProgram } from '../program.ts';
import { callProgram } from '../shell-of.ts';
import type { Clock } from './clock.ts';
import { Ports } from './ports.ts';
import { VirtualProcess, type ProcessSpec } from './process.ts';
import { processApi } from './process-api.ts';

const problems = { ENOENT: 'no such file', ENOTDIR: 'not a folder', E2BIG: 'too much' } as const;

/** What Linux takes: of one argument or variable, and of all together with the usual limit of the stack. */
const mostOfOne = 128 * 1024;
const mostOfAll = 2 * 1024 * 1024;

/** A program that cannot be started; `code` as the kernel's `errno` is called. */
export class StartRefused extends Error {
  readonly code: keyof typeof problems;

  constructor(code: keyof typeof problems, what: string) {
    super(`${what}: ${problems[code]}`);
    this.name = 'StartRefused';
    this.code = code;
  }
}

export interface MachineOptions {
  readonly programs: Readonly<Record<string, FakeProgram>>;
  readonly clock: Clock;
  /** Bytes; default unlimited. */
  readonly diskBytes?: number | undefined;
  /** Those of a machine before, instead of new ones. */
  readonly files?: FileSystem | undefined;
  readonly onOutOfMemory?: () => void;
}

/** What a pod is to its processes: programs, files, ports and a table of processes. Nothing of the real machine is reachable by it. */
export class Machine {
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly ports = new Ports();
  /** What the image gives to all processes. */
  readonly imageEnv: Readonly<Record<string, string>> = {
    HOME: '/home/sandbox',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  /** How often the kernel has killed a process for memory. */
  outOfMemoryKills = 0;
  readonly #programs: ReadonlyMap<string, FakeProgram>;
  readonly #processes = new Map<number, VirtualProcess>();
  readonly #onOutOfMemory: () => void;
  // 1 is the runner.
  #lastPid = 1;

  constructor({ programs, clock, diskBytes = Infinity, files, onOutOfMemory = () => {} }: MachineOptions) {
    this.clock = clock;
    this.#programs = new Map(Object.entries(programs));
    this.#onOutOfMemory = onOutOfMemory;
    this.files = files ?? new FileSystem({ now: clock.now, capacity: diskBytes });
  }

  get processes(): readonly VirtualProcess[] {
    return [...this.#processes.values()];
  }

  find(pid: number): VirtualProcess | undefined {
    return this.#processes.get(pid);
  }

  /** All processes that came of a command, however far they went from it. */
  treeOf(command: string): readonly VirtualProcess[] {
    return this.processes.filter((process) => process.spec.command === command);
  }

  /** Throws StartRefused. */
  start(spec: ProcessSpec): VirtualProcess {
    const program = this.#programOf(spec);
    checkSize(spec);
    this.#checkFolder(spec.cwd);
    this.#lastPid += 1;
    const process = new VirtualProcess(this.#lastPid, spec);
    this.#processes.set(process.pid, process);
    void process.ended.then(() => {
      this.#processes.delete(process.pid);
      this.ports.release(process);
    });
    void run(process, program, processApi(this, process));
    return process;
  }

  /** The kernel kills it, because nothing else is left to give back. */
  outOfMemory(process: VirtualProcess): void {
    this.outOfMemoryKills += 1;
    this.#onOutOfMemory();
    process.deliver('SIGKILL');
  }

  /** All at once and without a chance: the pod goes. */
  stop(): void {
    for (const process of this.processes) process.deliver('SIGKILL');
  }

  /** By its name as it was called, else by the last part of its path. */
  #programOf({ argv: [name = ''] }: ProcessSpec): FakeProgram {
    const program = this.#programs.get(name) ?? this.#programs.get(name.startsWith('/') ? posix.basename(name) : '');
    if (program === undefined) throw new StartRefused('ENOENT', name);
    return program;
  }

  #checkFolder(cwd: string): void {
    const kind = this.files.kindOf(Buffer.from(cwd).toString('latin1'));
    if (kind !== 'folder') throw new StartRefused(kind === undefined ? 'ENOENT' : 'ENOTDIR', cwd);
  }
}

function checkSize({ argv, env }: ProcessSpec): void {
  const texts = [...argv, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  // Each with its NUL and a pointer to it.
  const sizes = texts.map((text) => Buffer.byteLength(text) + 1 + 8);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (all > mostOfAll || sizes.some((size) => size - 8 > mostOfOne)) throw new StartRefused('E2BIG', argv[0] ?? '');
}

async function run(process: VirtualProcess, program: FakeProgram, api: FakeProcess): Promise<void> {
  try {
    // Not within the call that starts it: whoever starts a process sees it running before it does anything.
    await Promise.resolve();
    await process.exit((await callProgram(program, api)) ?? 0);
  } catch (error) {
    // Of a process that has ended this is only its program's way out.
    if (!process.isAlive) return;
    const text = `${api.argv[0] ?? ''}: ${messageOf(error)}\n`;
    void process.write(process.spec.stderr, Buffer.from(text)).catch(() => {});
    await process.exit(1);
  }
}
