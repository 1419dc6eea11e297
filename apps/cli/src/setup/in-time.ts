import { SetupDeadline } from './errors.ts';

/** The result, unless it takes too long (`setup.deadline`) or somebody interrupts (the reason of `signal`). */
export async function inTime<Result>(result: Promise<Result>, minutes: number, signal: AbortSignal): Promise<Result> {
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new SetupDeadline({ minutes })), minutes * 60_000);
  const interrupt = () => reject(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([result, never]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}
