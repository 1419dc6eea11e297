import type { Context } from '../../context.ts';
import { exitCodes } from '../../exit-code.ts';

const events = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Once `signal` has aborted, the next Ctrl-C or signal ends the process at once, and leaves what is being taken down as it is. `parting` is what
 * is said then; undefined: nothing.
 */
export function leaveAtSecond(
  process: Context['process'],
  signal: AbortSignal,
  parting: () => string | undefined = () => undefined,
): Disposable {
  const leave = (): void => {
    const text = parting();
    if (text !== undefined) process.stderr.write(`${text}\n`);
    process.exit(exitCodes.interrupted);
  };
  // Only now: the first one aborts the signal and must not be counted as the second.
  const listen = (): void => events.forEach((name) => process.on(name, leave));
  signal.addEventListener('abort', listen, { once: true });
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', listen);
      for (const name of events) process.off(name, leave);
    },
  };
}
