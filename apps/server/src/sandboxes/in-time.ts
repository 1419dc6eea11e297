import { NoAnswer } from './errors.ts';

/** Below the 30 seconds without a byte after which the server ends a connection: nobody would hear why. */
const longestMs = 25_000;

/** What it gives, or `sandbox.no_answer`. It goes on, and what becomes of it then concerns nobody. */
export async function inTime<Result>(work: Promise<Result>, ms = longestMs): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswer({ seconds: Math.round(ms / 1000) })), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
