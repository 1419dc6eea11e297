import { expect, test, vi } from 'vitest';
import { inTime } from './in-time.ts';

const never = new Promise<string>(() => {});

test(
  'when GitHub sends nobody back within the time, it says so and waits no longer',
  { concurrent: false },
  async () => {
    vi.useFakeTimers();
    try {
      const waiting = inTime(never, 10, new AbortController().signal).catch((error: unknown) => error);
      vi.advanceTimersByTime(10 * 60_000);
      expect(await waiting).toMatchObject({ code: 'setup.deadline', details: { minutes: 10 } });
    } finally {
      vi.useRealTimers();
    }
  },
);

test('an interruption ends the waiting with its reason', async () => {
  const controller = new AbortController();
  const waiting = inTime(never, 10, controller.signal);
  const reason = new Error('interrupted');
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(inTime(never, 10, controller.signal)).rejects.toBe(reason);
});
