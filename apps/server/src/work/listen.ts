import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { hangUp, listenClient, type Address } from '../store/database.ts';
import { workChannel } from '../store/work.ts';

const reconnectMs = 1_000;

/**
 * Wakes the worker whenever any process commits an enqueue, until `signal` aborts. Best effort by nature:
 * while the connection is down, the worker's poll finds the work.
 */
export async function listenForWork(
  address: Address,
  wake: () => void,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const client = listenClient(address);
    let stop = (): void => {};
    try {
      const ended = new Promise<void>((resolve) => {
        client.once('end', resolve);
        // 'end' follows an error; the listener keeps the process alive.
        client.on('error', (error) => log.debug({ err: error }, 'the listening connection broke'));
        stop = resolve;
        signal.addEventListener('abort', stop, { once: true });
      });
      await client.connect();
      client.on('notification', wake);
      await client.query(`listen ${workChannel}`);
      wake();
      await ended;
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'cannot listen for work; the poll goes on');
    } finally {
      signal.removeEventListener('abort', stop);
      await hangUp(client);
    }
    await wait(reconnectMs, undefined, { signal }).catch(() => {});
  }
}
