/** One request. */
export interface Arrival {
  /** From the moment at which it was due until it was answered: what somebody waits who does not wait for the others. */
  readonly ms: number;
  /** Why it failed. */
  readonly problem: string | undefined;
}

export interface OpenLoop {
  readonly count: number;
  readonly perSecond: number;
  readonly signal: AbortSignal;
  /** Throws what makes it a failure. */
  readonly send: (index: number) => Promise<void>;
}

/**
 * Sends at a fixed rate, whether or not earlier requests were answered, and counts from when each was due. A closed loop, or one that counts
 * from the sending, leaves out exactly those who would have come while everything was slow.
 */
export async function openLoop({ count, perSecond, signal, send }: OpenLoop): Promise<readonly Arrival[]> {
  const startedAt = performance.now();
  const arrivals: Promise<Arrival>[] = [];
  for (let index = 0; index < count; index += 1) {
    const dueAt = startedAt + (index * 1000) / perSecond;
    await until(dueAt, signal);
    arrivals.push(timed(dueAt, send(index)));
  }
  return Promise.all(arrivals);
}

async function timed(dueAt: number, answer: Promise<void>): Promise<Arrival> {
  const problem = await answer.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { ms: performance.now() - dueAt, problem };
}

async function until(dueAt: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const waitMs = dueAt - performance.now();
  if (waitMs <= 0) return;
  await new Promise<void>((resolve, reject) => {
    const interrupted = () => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', interrupted);
      resolve();
    }, waitMs);
    signal.addEventListener('abort', interrupted, { once: true });
  });
}
