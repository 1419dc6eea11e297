import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLoop } from './open-loop.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const never = new AbortController().signal;
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test('requests go out on time although earlier ones are not answered, and each counts from when it was due', async () => {
  const sentAt: number[] = [];
  const startedAt = performance.now();
  const running = openLoop({
    count: 4,
    perSecond: 50,
    signal: never,
    send: async (index) => {
      sentAt.push(performance.now() - startedAt);
      await after(index === 0 ? 500 : 5);
    },
  });
  await vi.runAllTimersAsync();
  expect((await running).map(({ ms }) => ms)).toEqual([500, 5, 5, 5]);
  expect(sentAt).toEqual([0, 20, 40, 60]);
});

test('what holds up the sender itself is part of what its requests took', async () => {
  const running = openLoop({
    count: 3,
    perSecond: 50,
    signal: never,
    send: async (index) => {
      // As a long turn of the event loop would.
      if (index === 0) vi.advanceTimersByTime(100);
    },
  });
  await vi.runAllTimersAsync();
  expect((await running).map(({ ms }) => ms)).toEqual([100, 80, 60]);
});

test('a request that fails is an arrival with its reason, and the others go on', async () => {
  const running = openLoop({
    count: 3,
    perSecond: 50,
    signal: never,
    send: async (index) => {
      if (index === 1) throw new Error('503 for a while');
    },
  });
  await vi.runAllTimersAsync();
  expect((await running).map(({ problem }) => problem)).toEqual([undefined, '503 for a while', undefined]);
});

test('an interruption ends it between two requests', async () => {
  const interrupt = new AbortController();
  const sent: number[] = [];
  const running = openLoop({
    count: 10,
    perSecond: 50,
    signal: interrupt.signal,
    send: async (index) => {
      sent.push(index);
    },
  });
  const ended = running.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(50);
  interrupt.abort(new Error('Ctrl-C'));
  expect(await ended).toMatchObject({ message: 'Ctrl-C' });
  expect(sent).toEqual([0, 1, 2]);
});
