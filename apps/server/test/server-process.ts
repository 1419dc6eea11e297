import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const cli = join(import.meta.dirname, '..', '..', 'cli');
/** What the command `ephemera` runs, under the flags of apps/cli/bin/node-flags.mjs. */
const command = ['--max-semi-space-size=4', join(cli, 'bin', 'run-here.mjs'), join(cli, 'src', 'main.ts')];

/** `ephemera up` as a process of its own, for tests that kill it. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** `kill -9`: nothing gets the chance to tidy up. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
// A test that is cut off disposes of nothing, and nobody should find its servers running afterwards.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export async function startServerProcess(
  settings: Readonly<Record<string, string | undefined>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...command, 'up'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      EPHEMERA_CACHE: process.env.EPHEMERA_CACHE,
      LOG_LEVEL: 'silent',
      PORT: '0',
      ...settings,
    },
  });
  const exited = once(child, 'exit');
  running.add(child);
  void exited.then(() => running.delete(child));
  const url = await listening(child);
  return {
    url,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (!child.stderr) throw new Error('no stderr');
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const url = /listens at (\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      child.stderr.resume();
      return url;
    }
  }
  throw new Error(`the server ended before it listened:\n${said.join('\n')}`);
}
