import { spawn } from 'node:child_process';
import { CommandFailed } from './errors.ts';

export interface CommandOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const keptCharacters = 20_000;
const shownLines = 15;

/** Runs a program to its end and returns its standard output. A failure carries the last lines that it wrote. */
export async function run(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = (ended: string, output: string): Error =>
    new CommandFailed({ command: [command, ...args].join(' ').slice(0, 200), ended, output });
  const abort = (): void => void child.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort, { once: true });
  const deadline = setTimeout(abort, options.timeoutMs);
  let stdout = '';
  let both = '';
  child.stdout.on('data', (text) => {
    stdout += text;
    both = (both + text).slice(-keptCharacters);
  });
  child.stderr.on('data', (text) => (both = (both + text).slice(-keptCharacters)));
  try {
    const code = await new Promise<number | null>((done, refuse) => {
      child.on('error', (error) => refuse(failed(`cannot be run: ${error.message}`, '')));
      child.on('close', done);
    });
    options.signal?.throwIfAborted();
    const tail = both.trimEnd().split('\n').slice(-shownLines).join('\n');
    if (code === null) throw failed(`was ended after ${options.timeoutMs / 1000} s`, tail);
    if (code !== 0) throw failed(`ended with ${code}`, tail);
    return stdout;
  } finally {
    clearTimeout(deadline);
    options.signal?.removeEventListener('abort', abort);
  }
}
