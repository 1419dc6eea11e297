import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'src', 'main.ts');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `ephemera …`, as a user starts it, with what it has printed so far. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when it has ended. */
  finished(): Promise<Finished>;
}

/** Starts the command with an empty environment but for PATH, HOME and what is given, and with nothing or a text at its input. */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
  input?: string,
): Running {
  const { PATH, HOME, EPHEMERA_CACHE } = process.env;
  const child = spawn(process.execPath, ['--', main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH, HOME, NO_COLOR: '1', ...(EPHEMERA_CACHE === undefined ? {} : { EPHEMERA_CACHE }), ...environment },
  });
  // A command that reads no input may have ended before it was given.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const closed = once(child, 'close');
  return {
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    finished: async () => {
      const [code] = (await closed) as [number | null];
      return { code, ...text };
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // A failed test ends here: what the command had started, such as a database, has to go with it.
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await closed;
      clearTimeout(patience);
    },
  };
}

export async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
  input?: string,
): Promise<Finished> {
  await using command = start(args, environment, input);
  return await command.finished();
}
