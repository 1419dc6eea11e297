import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Since the signal that asked for it. */
  readonly ms: number;
}

/** `ephemera up` as a process of its own, for tests of how it stops, pauses and logs. Ended by force when a test leaves it running. */
export interface StoppableServer extends AsyncDisposable {
  readonly url: string;
  /** What it has logged so far, one object for each line. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  signal(name: 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  readonly ended: Promise<End>;
}

export async function startStoppableServer(
  settings: Readonly<Record<string, string | undefined>>,
): Promise<StoppableServer> {
  const child = spawn(process.execPath, [main, 'up'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'info', PORT: '0', ...settings },
  });
  let asked = performance.now();
  const ended = once(child, 'exit').then(([code, signal]): End => ({ code, signal, ms: performance.now() - asked }));
  const logged: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => logged.push(JSON.parse(line)));
  const said: string[] = [];
  const listening = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const url = /listens at (\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the server ended before it listened:\n${said.join('\n')}`)));
  });
  return {
    url: await listening,
    logged,
    ended,
    signal: (name) => {
      asked = performance.now();
      child.kill(name);
    },
    [Symbol.asyncDispose]: async () => {
      // Also one that is paused.
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
