import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_FLAGS } from 'ephemera/node-flags';

const cli = join(import.meta.dirname, '..', '..', 'apps', 'cli');
/** What the command `ephemera` runs, under the flags that it sets. */
const command = [...NODE_FLAGS, join(cli, 'bin', 'run-here.mjs'), join(cli, 'src', 'main.ts')];
const stopTimeoutMs = 30_000;

/** One command of ours as a process of its own. Disposing ends it as a person would, and by force when it does not go. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Lines that it has written, standard output and errors together. */
  readonly lines: readonly string[];
  /** Waits for a line; throws when the process ends before, with what it said. */
  line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** SIGTERM; returns the exit code and how long it took. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

export interface ChildOptions {
  readonly args: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function startChild({ args, nodeArgs = [], env = {} }: ChildOptions): Child {
  const child = spawn(process.execPath, [...nodeArgs, ...command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    // A Ctrl-C is for us; the children are stopped in their order.
    detached: true,
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  // Whoever waits for a line has to hear of the end as well.
  child.once('exit', () => child.emit('lines'));
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      child.emit('lines');
    });
  }

  async function line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(timeoutMs);
    for (;;) {
      for (const each of lines) {
        const found = pattern.exec(each);
        if (found) return found;
      }
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${args[0]} ended: ${lines.slice(-20).join('\n')}`);
      }
      await once(child, 'lines', { signal: deadline });
    }
  }

  async function stop(): Promise<{ code: number | null; ms: number }> {
    const startedAt = performance.now();
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    const [code] = child.exitCode === null && child.signalCode === null ? await exited : [child.exitCode];
    clearTimeout(force);
    return { code, ms: performance.now() - startedAt };
  }

  return {
    pid: child.pid ?? 0,
    process: child,
    lines,
    line,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** Resident memory of one process, without its children, in MiB: now, and the most so far. Linux only; elsewhere NaN. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readStatus(pid);
  const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
