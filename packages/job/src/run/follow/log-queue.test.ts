import { expect, test } from 'vitest';
import { logQueue, longestHeld, nextInLine } from './log-queue.ts';

const live = { live: true };
const ended = { live: false };
const { signal } = new AbortController();

test('logs of containers that have ended go first, others in order', () => {
  expect(nextInLine([live, live])).toBe(0);
  expect(nextInLine([live, ended, ended])).toBe(1);
});

test('the live turn that is held for longest makes room, one of a container that has ended never does', () => {
  const turns = [
    { live: false, since: 1 },
    { live: true, since: 3 },
    { live: true, since: 2 },
  ];
  expect(longestHeld(turns)).toBe(turns[2]);
  expect(longestHeld(turns.slice(0, 1))).toBeUndefined();
});

test('no more than so many at once; who waits comes next, ended ones before live ones', async () => {
  const queue = logQueue({ atOnce: 2, turnMs: 60_000 });
  const first = await queue.turn({ live: true, signal });
  await queue.turn({ live: true, signal });
  const came: string[] = [];
  const waiting = ['live', 'ended'].map(async (what) => {
    const turn = await queue.turn({ live: what === 'live', signal });
    came.push(what);
    turn[Symbol.dispose]();
  });
  await Promise.resolve();
  expect(came).toEqual([]);
  first[Symbol.dispose]();
  await Promise.all(waiting);
  expect(came).toEqual(['ended', 'live']);
});

test('a live turn is asked to end when others have waited long enough, and only then', async () => {
  const queue = logQueue({ atOnce: 1, turnMs: 20 });
  const first = await queue.turn({ live: true, signal });
  const next = queue.turn({ live: true, signal });
  await new Promise((resolve) => first.over.addEventListener('abort', resolve));
  first[Symbol.dispose]();
  const second = await next;
  expect(second.over.aborted).toBe(false);
});

test('who gives up waiting leaves the line', async () => {
  const queue = logQueue({ atOnce: 1, turnMs: 60_000 });
  const first = await queue.turn({ live: true, signal });
  const abort = new AbortController();
  const given = queue.turn({ live: true, signal: abort.signal });
  const kept = queue.turn({ live: true, signal });
  abort.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  first[Symbol.dispose]();
  expect((await kept).over.aborted).toBe(false);
});
