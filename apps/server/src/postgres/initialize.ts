import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { databaseAccount } from './account.ts';
import type { Binaries } from './binaries.ts';
import { DataDirUnusable, DiskFull } from './errors.ts';

const timeoutMs = 60_000;

export interface NewData {
  readonly data: string;
  readonly user: string;
  /** False: a power cut in the next seconds may leave it broken. */
  readonly durable: boolean;
}

/** Makes an empty data folder. It appears under its name only when it is complete, so a start that was cut off can be repeated. */
export async function initialize(binaries: Binaries, { data, user, durable }: NewData): Promise<void> {
  if (existsSync(data) && readdirSync(data).length > 0) {
    throw new DataDirUnusable({ path: data, problem: 'it holds something that is not a PostgreSQL' });
  }
  const unfinished = join(dirname(data), `data.${randomBytes(4).toString('hex')}`);
  mkdirSync(dirname(data), { recursive: true });
  const child = spawn(binaries.initdb, initdbArguments({ data: unfinished, user, durable }), {
    ...databaseAccount(),
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { LANG: 'C', TZ: 'UTC' },
    cwd: dirname(data),
    timeout: timeoutMs,
  });
  let problem = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problem += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    if (problem.includes('No space left on device')) throw new DiskFull({ path: data });
    throw new DataDirUnusable({ path: data, problem: problem.trim() || `initdb ended with ${code}` });
  }
  putInPlace(unfinished, data);
  if (durable) syncFolder(dirname(data));
}

/** Pure. */
export function initdbArguments({ data, user, durable }: NewData): readonly string[] {
  const options = ['--auth=trust', '--no-instructions', '--encoding=UTF8', '--locale=C'];
  return ['-D', data, '-U', user, ...options, ...(durable ? [] : ['--no-sync'])];
}

/** A new name that is not on the disk yet would be gone after a power cut, with all that was committed below it. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Replaces an empty folder and no other: one that is full by now is what a start at the same moment has made. */
function putInPlace(unfinished: string, data: string): void {
  try {
    renameSync(unfinished, data);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(join(data, 'PG_VERSION'))) throw error;
  }
}
