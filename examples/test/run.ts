import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

const timeoutMs = 240_000;

/** Runs a program to its end, which comes after its time at the latest. */
export async function run([command = '', ...args]: readonly string[], options: RunOptions): Promise<Finished> {
  const { cwd, env, input = '' } = options;
  const child = spawn(command, args, { cwd, stdio: 'pipe', timeout: timeoutMs, env: { ...env } });
  // A program that reads no input may have ended before it was given.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  return { code, stdout, stderr };
}
