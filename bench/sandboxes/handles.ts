import { fork } from 'node:child_process';
import { join } from 'node:path';
import { Sandbox } from '@ephemera/sandbox';
import type { Place } from './place.ts';
import { untilNoPods } from './ready.ts';
import { sandboxOptions } from './things.ts';

/** Of a process, after its garbage was collected. */
export interface Memory {
  readonly rssBytes: number;
  /** What JavaScript holds, in the heap and outside of it. */
  readonly heldBytes: number;
}

export interface HandlesTask {
  readonly context: string | undefined;
  readonly kubeconfigPath: string | undefined;
  readonly namespace: string;
  /** The sandboxes that the handles are for, in turn. */
  readonly ids: readonly string[];
  readonly handles: number;
  /** How many have a stream at the same time. */
  readonly wave: number;
}

export interface HandlesMemory {
  readonly handles: number;
  readonly wave: number;
  /** One handle has been made and used, so that all code is there. */
  readonly before: Memory;
  /** All are made by `Sandbox.connect`, none was used. */
  readonly connected: Memory;
  /** The first wave has run a command each, and its streams are open. */
  readonly open: Memory;
  /** Each has run a command, and no stream is open any more. */
  readonly idle: Memory;
}

const childFile = join(import.meta.dirname, 'handles-child.ts');
const sandboxes = 4;
const mostAtOnce = 200;
const timeoutMs = 900_000;

export interface HandlesOptions {
  readonly handles: number;
  readonly context: string | undefined;
  readonly kubeconfigPath: string | undefined;
}

/** So many handles of a few sandboxes in a process of its own, which holds nothing else. */
export async function measureHandles(place: Place, options: HandlesOptions): Promise<HandlesMemory> {
  const { api, host, namespace, say } = place;
  const signal = AbortSignal.any([place.signal, AbortSignal.timeout(timeoutMs)]);
  const made: Sandbox[] = [];
  try {
    for (let at = 0; at < sandboxes; at += 1) {
      made.push(await Sandbox.create({ ...sandboxOptions, timeoutMs: timeoutMs * 2, on: host, signal }));
    }
    const wave = Math.min(options.handles, mostAtOnce);
    return await inChild({ ...options, namespace, wave, ids: made.map(({ id }) => id) }, { signal, say });
  } finally {
    await Promise.all(made.map((sandbox) => sandbox.kill()));
    await untilNoPods({ api, namespace, signal: AbortSignal.timeout(timeoutMs) });
  }
}

/** A line about how far it is, or the outcome. */
export type FromChild = { readonly line: string } | { readonly memory: HandlesMemory };

function inChild(task: HandlesTask, { signal, say }: Pick<Place, 'signal' | 'say'>): Promise<HandlesMemory> {
  return new Promise((resolve, reject) => {
    const child = fork(childFile, [], {
      execArgv: [...process.execArgv, '--expose-gc'],
      signal,
      killSignal: 'SIGKILL',
    });
    let memory: HandlesMemory | undefined;
    child.on('message', (message: FromChild) => {
      if ('line' in message) say(`  ${message.line}`);
      else memory = message.memory;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (memory !== undefined && code === 0) resolve(memory);
      else reject(new Error(`the process with the handles ended with ${code}`));
    });
    child.send(task);
  });
}
