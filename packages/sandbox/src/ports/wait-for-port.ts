import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '@ephemera/model';
import { PortRefused, WaitTimeout } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { connectPort } from './connect-port.ts';

export interface WaitForPortOptions {
  /** Default 60,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const firstPauseMs = 20;
const longestPauseMs = 500;

/** Returns once something in the sandbox takes a connection at this port. Throws `sandbox.wait_timeout`. */
export async function waitForPort(link: Link, port: number, options: WaitForPortOptions = {}): Promise<void> {
  const { timeoutMs = 60_000 } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  let last = 'no answer yet';
  try {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
      try {
        (await connectPort(link, port, { signal })).close();
        return;
      } catch (error) {
        if (!(error instanceof PortRefused)) throw error;
        last = messageOf(error).replace(/\.$/, '');
      }
      await pause(pauseMs, undefined, { signal });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!timeout.aborted) throw error;
    throw new WaitTimeout({ what: `Port ${port} of the sandbox`, timeoutMs, last });
  }
}
