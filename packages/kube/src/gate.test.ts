import { expect, test } from 'vitest';
import { createGate, openGate, reserve, shut, type GateState } from './gate.ts';

const pace = { perSecond: 50, burst: 100 };

/** When `count` calls leave that all come at `now`. */
function departures(from: GateState, now: number, count: number): number[] {
  let state = from;
  return Array.from({ length: count }, () => {
    const next = reserve(state, pace, now);
    state = next.state;
    return next.at;
  });
}

test('before the cluster has asked for anything, no call waits, however many there are', () => {
  expect(new Set(departures(openGate, 5, 10_000))).toEqual(new Set([5]));
});

test('after Retry-After no call leaves before its end, and those that waited leave one by one at the pace', () => {
  const state = shut(openGate, pace, { now: 1_000, ms: 7_000 });
  expect(departures(state, 1_001, 4)).toEqual([8_000, 8_020, 8_040, 8_060]);
  expect(departures(state, 7_999.9, 1)).toEqual([8_000]);
});

test('a shorter Retry-After does not end a longer one', () => {
  const state = shut(shut(openGate, pace, { now: 0, ms: 7_000 }), pace, { now: 10, ms: 1_000 });
  expect(departures(state, 20, 1)).toEqual([7_000]);
});

test('a quiet time fills the bucket: then a burst leaves at once, and what exceeds it at the pace', () => {
  const state = shut(openGate, pace, { now: 0, ms: 1_000 });
  const calls = departures(state, 1_000 + 30_000, 103);
  expect(calls.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 31_000));
  expect(calls.slice(100)).toEqual([31_020, 31_040, 31_060]);
});

test('in any second of the minute after a Retry-After no more calls leave than burst and pace allow', () => {
  let state = shut(openGate, pace, { now: 0, ms: 1_000 });
  const left: number[] = [];
  for (let now = 0; now < 50_000; now += 7) {
    const next = reserve(state, pace, now);
    if (next.at > now) continue;
    state = next.state;
    left.push(next.at);
  }
  for (const from of [1_000, 10_000, 40_000]) {
    expect(left.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(51);
  }
});

test('a minute after the last Retry-After calls are as free as before', () => {
  const state = shut(openGate, pace, { now: 0, ms: 1_000 });
  expect(new Set(departures(state, 61_000, 1_000))).toEqual(new Set([61_000]));
});

test('a long wait in place is for a few; all others are told at once how long it is', async () => {
  const gate = createGate(pace);
  gate.shut(8_000);
  const stop = new AbortController();
  const enter = () => gate.enter({ latest: Infinity, signal: stop.signal });
  const waiting = Array.from({ length: 8 }, () => enter());
  const told = await enter();
  expect(told).toBeGreaterThan(7_000);
  expect(told).toBeLessThan(9_000);
  stop.abort();
  for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected');
  // Who has gone makes room.
  const after = new AbortController();
  const last = gate.enter({ latest: Infinity, signal: after.signal });
  expect(await Promise.race([last, Promise.resolve('waits')])).toBe('waits');
  after.abort();
  await expect(last).rejects.toThrow('aborted');
});

test('an open gate sends nobody away, however late it is for them: the cluster has not asked for patience', async () => {
  const gate = createGate();
  const { signal } = new AbortController();
  await expect(gate.enter({ latest: performance.now() - 1, signal })).resolves.toBeUndefined();
});
