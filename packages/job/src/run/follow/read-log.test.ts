import { expect, test, vi } from 'vitest';
import { logServer, type Connection, type LogServer } from '../../../test/log-server.ts';
import { bell } from './bell.ts';
import type { SeenContainer } from './containers-of.ts';
import type { LogText } from './log-connection.ts';
import { logQueue } from './log-queue.ts';
import { readLog, type LogSource } from './read-log.ts';

const patience = { timeout: 10_000, interval: 5 };
const running: SeenContainer = { name: 'main', state: 'running', run: 0, over: false, restarts: false };
const over: SeenContainer = { name: 'main', state: 'ended', run: 0, over: true, restarts: false };

const waiting: SeenContainer = { ...running, state: 'waiting' };

/** Lines with their stamps, several in each second. */
const log = (texts: readonly string[], from = 0) =>
  texts.map((text, index) => {
    const ms = Math.floor((from + index) / 3) * 1_000 + ((from + index) % 3);
    return `${new Date(ms).toISOString()} ${text}`;
  });

const texts = Array.from({ length: 12 }, (_, index) => `line ${index}`);

function read(server: LogServer, first: SeenContainer | undefined, more: Partial<LogSource> = {}) {
  let seen = first;
  let looks = 0;
  let ending = false;
  const news = bell();
  const abort = new AbortController();
  const lines: string[] = [];
  const lost: string[] = [];
  const done = readLog({
    cluster: server.cluster,
    namespace: 'shop',
    pod: 'p',
    container: 'main',
    queue: logQueue(),
    signal: abort.signal,
    seen: () => {
      looks += 1;
      return seen;
    },
    ending: () => ending,
    news,
    onLine: async ({ line }) => void lines.push(line),
    onLost: (what) => lost.push(what),
    lastWordsMs: 100,
    ...more,
  });
  return {
    done,
    lines,
    lost,
    /** How often it asked how the container was seen. */
    looks: () => looks,
    abort,
    becomes: (next: SeenContainer | undefined) => {
      seen = next;
      news.ring();
    },
    end: () => {
      ending = true;
      news.ring();
    },
  };
}

test.each<[string, readonly Connection[]]>([
  [
    'broken off',
    [
      { lines: 4, end: 'breaks' },
      { lines: 3, end: 'breaks' },
    ],
  ],
  [
    'broken off in the middle of a line',
    [
      { lines: 4, end: 'breaks in a line' },
      { lines: 5, end: 'breaks in a line' },
    ],
  ],
  [
    'broken off before its first line',
    [
      { lines: 0, end: 'breaks' },
      { lines: 4, end: 'breaks' },
      { lines: 0, end: 'breaks' },
    ],
  ],
  [
    'ended in order, although the container goes on',
    [
      { lines: 4, end: 'closes' },
      { lines: 0, end: 'closes' },
    ],
  ],
])('a log that is %s is read on, no line lost and none twice', async (_how, connections) => {
  await using server = await logServer({ current: log(texts) }, ...connections, { end: 'stays open' });
  const reading = read(server, running);
  await vi.waitFor(() => expect(reading.lines).toHaveLength(texts.length), patience);
  reading.becomes(over);
  await reading.done;
  expect(reading.lines).toEqual(texts);
  expect(reading.lost).toEqual([]);
});

test('a stream that ends in order in the middle of a line loses nothing of the line', async () => {
  await using server = await logServer(
    { current: log(texts) },
    { lines: 4, end: 'closes in a line' },
    { end: 'stays open' },
  );
  const reading = read(server, running);
  await vi.waitFor(() => expect(reading.lines.join('')).toBe(texts.join('')), patience);
  reading.becomes(over);
  await reading.done;
  expect(reading.lines.join('')).toBe(texts.join(''));
});

test('a stream that stays open after its container has ended is given up, and what it kept back is read', async () => {
  await using server = await logServer({ current: log(texts) }, { lines: 4, end: 'stays open' }, { end: 'closes' });
  const reading = read(server, running);
  await vi.waitFor(() => expect(reading.lines).toHaveLength(4), patience);
  reading.becomes(over);
  await reading.done;
  expect(reading.lines).toEqual(texts);
});

test('a container that ended before anybody looked is read from its start', async () => {
  await using server = await logServer({ current: log(texts) }, { end: 'closes' });
  const reading = read(server, over);
  await reading.done;
  expect(reading.lines).toEqual(texts);
  expect(server.asked).toHaveLength(1);
});

test('after a restart the earlier run is read first, and only what is missing of it', async () => {
  const previous = log(['a', 'b', 'c', 'd']);
  const current = log(['e', 'f'], 4);
  await using server = await logServer(
    { current, previous },
    { lines: 0, end: 'breaks' },
    { end: 'closes' },
    { end: 'closes' },
  );
  const reading = read(server, running);
  await vi.waitFor(() => expect(server.asked).toHaveLength(1), patience);
  reading.becomes({ ...over, run: 1 });
  await reading.done;
  expect(server.asked.map(({ previous }) => previous)).toEqual(['false', 'true', 'false']);
  expect(reading.lines).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test.each<[string, SeenContainer]>([
  ['that ran', { ...running, restarts: true }],
  ['that had ended', { ...running, state: 'ended', restarts: true }],
])(
  'a container %s when it was seen, and was started again before its log was asked for, loses nothing',
  async (_how, seen) => {
    const previous = log(['a', 'b', 'c', 'd']);
    const current = log(['e', 'f', 'g', 'h', 'i'], 4);
    await using server = await logServer({ current, previous }, { end: 'stays open' });
    const reading = read(server, seen);
    await vi.waitFor(() => expect(reading.lines).toContain('i'), patience);
    reading.becomes({ ...over, run: 1, restarts: true });
    await reading.done;
    expect(reading.lines).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']);
  },
);

test('a container that waits is not asked for, one that the node does not have yet is asked again', async () => {
  await using server = await logServer(
    { current: log(texts) },
    { status: 400, reason: 'BadRequest' },
    { end: 'closes' },
  );
  const reading = read(server, waiting);
  expect(server.asked).toEqual([]);
  reading.becomes(over);
  await reading.done;
  expect(reading.lines).toEqual(texts);
  expect(server.asked).toHaveLength(2);
});

test('a log that went with its pod before it was read is a warning', async () => {
  await using server = await logServer({ current: [] }, { status: 404, reason: 'NotFound' });
  const reading = read(server, running);
  await reading.done;
  expect(reading.lines).toEqual([]);
  expect(reading.lost).toEqual([expect.stringContaining('main in Pod p is lost')]);
});

const unreadable = { notice: 'unable to retrieve container logs for containerd://one' };
const restarting: SeenContainer = { ...running, state: 'ended', restarts: true };

test('what the node says while a container is started again is no loss, as the log is read another way', async () => {
  await using server = await logServer(
    { current: log(['c', 'd'], 2), previous: log(['a', 'b']) },
    unreadable,
    { status: 400, reason: 'BadRequest' },
    { end: 'stays open' },
  );
  const reading = read(server, restarting);
  await vi.waitFor(() => expect(server.asked).toHaveLength(2), patience);
  reading.becomes({ ...running, run: 1, restarts: true });
  await vi.waitFor(() => expect(reading.lines).toEqual(['a', 'b', 'c', 'd']), patience);
  reading.becomes({ ...over, run: 1, restarts: true });
  await reading.done;
  expect(reading.lost).toEqual([]);
});

test('what the node says in place of a log that is read in no other way is told once', async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await logServer(
    { current: log(['c']) },
    unreadable,
    { status: 400, reason: 'BadRequest', after: asked.promise },
    { end: 'closes' },
    unreadable,
  );
  const reading = read(server, restarting);
  await vi.waitFor(() => expect(server.asked).toHaveLength(2), patience);
  const looks = reading.looks();
  asked.resolve();
  // Once at the end of that run, and once more for what comes next.
  await vi.waitFor(() => expect(reading.looks()).toBeGreaterThan(looks + 1), patience);
  reading.becomes({ ...over, run: 1, restarts: true });
  await reading.done;
  expect(reading.lines).toEqual(['c']);
  expect(reading.lost).toEqual([expect.stringContaining('unable to retrieve')]);
  await using alone = await logServer({ current: [] }, unreadable);
  const other = read(alone, over);
  await other.done;
  expect(other.lost).toEqual([expect.stringContaining('unable to retrieve')]);
});

test('a line over 1 MiB comes in parts that say that they go on', async () => {
  const long = 'x'.repeat(2.5 * 1024 * 1024);
  await using server = await logServer({ current: log(['a', long, 'b']) }, { end: 'closes' });
  const parts: LogText[] = [];
  await read(server, over, { onLine: async (text) => void parts.push(text) }).done;
  expect(parts.map(({ continues }) => continues)).toEqual([undefined, true, true, undefined, undefined]);
  expect(parts.map(({ line, continues }) => (continues ? line : `${line}\n`)).join('') === `a\n${long}\nb\n`).toBe(
    true,
  );
});

test('what never ran is not waited for at the end', async () => {
  await using server = await logServer({ current: [] }, { end: 'closes' });
  const reading = read(server, waiting);
  reading.end();
  await reading.done;
  expect(server.asked).toEqual([]);
});

test('a receiver that takes its time gets one line at a time', async () => {
  await using server = await logServer({ current: log(texts) }, { end: 'closes' });
  let atOnce = 0;
  let most = 0;
  const reading = read(server, over, {
    onLine: async () => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
    },
  });
  await reading.done;
  expect(most).toBe(1);
});

test('a live log makes room for others and goes on where it was', async () => {
  await using server = await logServer({ current: log(texts) }, { lines: 4, end: 'stays open' }, { end: 'stays open' });
  const queue = logQueue({ atOnce: 1, turnMs: 20 });
  const reading = read(server, running, { queue });
  await vi.waitFor(() => expect(reading.lines).toHaveLength(4), patience);
  const others = await queue.turn({ live: true, signal: reading.abort.signal });
  expect(reading.lines).toHaveLength(4);
  others[Symbol.dispose]();
  await vi.waitFor(() => expect(reading.lines).toEqual(texts), patience);
  reading.becomes(over);
  await reading.done;
  expect(reading.lines).toEqual(texts);
});

test('an abort ends it at once and leaves no socket', async () => {
  await using server = await logServer({ current: log(texts) }, { end: 'stays open' });
  const reading = read(server, running);
  await vi.waitFor(() => expect(reading.lines).toHaveLength(texts.length), patience);
  reading.abort.abort(new Error('enough'));
  await expect(reading.done).rejects.toThrow('enough');
  await vi.waitFor(async () => expect(await server.sockets()).toBe(0), patience);
});
