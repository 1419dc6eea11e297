import { spawnSync } from 'node:child_process';
import type { Context } from '../../context.ts';

const sttyTimeoutMs = 2_000;

/**
 * Our terminal hands on every key, and shows every byte as it comes. Node's raw mode still puts a carriage return before each line feed, by
 * which full-screen programs move down: `stty` turns that off. Disposing puts the terminal back as it was, as the end of the process would.
 */
export function rawMode({ stdin }: Context['process']): Disposable {
  if (!stdin.isTTY) return { [Symbol.dispose]: () => {} };
  stdin.setRawMode(true);
  // Where there is no stty, all but such programs looks right.
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'], timeout: sttyTimeoutMs });
  return { [Symbol.dispose]: () => void stdin.setRawMode(false) };
}
