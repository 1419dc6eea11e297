import { spawn } from 'node:child_process';

const timeoutMs = 10 * 60_000;

/** Installs what a program depends on, for `pulumi install`. Fails with npm's exit code; what npm says is passed on as it comes. */
export async function install(
  folder: string,
  write: (stream: 'stdout' | 'stderr', bytes: Buffer) => void,
): Promise<void> {
  const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  child.stdout.on('data', (bytes: Buffer) => write('stdout', bytes));
  child.stderr.on('data', (bytes: Buffer) => write('stderr', bytes));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`npm install ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
