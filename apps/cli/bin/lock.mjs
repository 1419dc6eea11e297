import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 2_000;
const STALE_MS = 15_000;
const LOOK_MS = 200;

/**
 * Runs `work` while nobody else on this path does. The holder touches the file every two seconds; a file that nobody has touched for
 * fifteen, or whose process is gone from this machine, is taken over.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  let told = false;
  while (!take(path)) {
    if (!told) process.stderr.write('Waiting for another installation in this folder…\n');
    told = true;
    await sleep(LOOK_MS);
  }
  const beat = setInterval(() => touch(path), BEAT_MS);
  const release = () => rmSync(path, { force: true });
  /** @param {NodeJS.Signals} signal */
  const interrupted = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('exit', release);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    process.removeListener('SIGINT', interrupted);
    process.removeListener('SIGTERM', interrupted);
    release();
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  if (isStale(path)) discard(path);
  return false;
}

/** @param {string} path */
function isStale(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) return true;
    const { pid, host } = /** @type {{ pid: number, host: string }} */ (JSON.parse(readFileSync(path, 'utf8')));
    return host === hostname() && !isAlive(pid);
  } catch {
    // Gone, or not written to its end yet: the next look decides.
    return false;
  }
}

/**
 * By renaming, which only one of several waiting processes manages; they would otherwise remove each other's fresh lock.
 * @param {string} path
 */
function discard(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {string} path */
function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;
