import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLink, type Link } from '../../src/link/link.ts';
import { provideRunner } from '../../src/runner/provide-runner.ts';
import { placeOf } from '../scripted/place.ts';
import { temporaryFolder } from '../scripted/temporary-folder.ts';
import { socketStream } from './socket-stream.ts';

export interface RealRunner extends AsyncDisposable {
  readonly link: Link;
  /** The sandbox's work folder, on this machine. */
  readonly work: string;
  /** A folder beside it, for what is local. */
  readonly local: string;
  /** How many streams were opened. */
  readonly streams: () => number;
}

/** The runner itself, as a process of this machine. `cutAfter` says after how many bytes the next stream breaks. */
export async function realRunner(cutAfter: () => number = () => Number.POSITIVE_INFINITY): Promise<RealRunner> {
  const folder = temporaryFolder();
  const [program, work, output, local] = ['runner', 'work', 'output', 'local'].map((name) =>
    join(folder.path, name),
  ) as [string, string, string, string];
  for (const made of [work, output, local]) mkdirSync(made);
  writeFileSync(program, await provideRunner(process.arch === 'arm64' ? 'arm64' : 'amd64'), { mode: 0o755 });
  const socket = join(folder.path, 'socket');
  const child = spawn(program, ['init', '--work', work, '--socket', socket, '--output', output, '--any-client'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await listening(child, socket);
  let streams = 0;
  const open = () => {
    streams += 1;
    return socketStream(socket, cutAfter());
  };
  const link = createLink(placeOf(open), { mostBackoffMs: 5 });
  return {
    link,
    work,
    local,
    streams: () => streams,
    [Symbol.asyncDispose]: async () => {
      link.dispose();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      folder[Symbol.dispose]();
    },
  };
}

async function listening(child: ChildProcess, socket: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`the runner ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error('the runner does not listen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
