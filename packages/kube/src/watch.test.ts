import type { KubeObject } from '@ephemera/model';
import { expect, test, vi } from 'vitest';
import { apiServer, drop, json, refusal, silent, stream, type Answer, type ApiServer } from '../test/api-server.ts';
import { kindRef } from './kinds.ts';
import { lines, watch, type Change, type WatchOptions } from './watch.ts';

const pods = kindRef('v1/Pod');
const patience = { timeout: 10_000 };

function listed(version: string, ...names: string[]): Answer {
  return json(200, { metadata: { resourceVersion: version }, items: names.map((name) => ({ metadata: { name } })) });
}

function line(type: string, name: string, resourceVersion: string): string {
  return `${JSON.stringify({ type, object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, resourceVersion } } })}\n`;
}

const expired = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`;

interface Following extends AsyncDisposable {
  readonly seen: string[];
  readonly errors: unknown[];
}

function follow(api: ApiServer, options: Partial<WatchOptions<KubeObject>> = {}): Following {
  const stop = new AbortController();
  const seen: string[] = [];
  const errors: unknown[] = [];
  const ended = watch<KubeObject>(api.connection, pods, {
    signal: stop.signal,
    onChange: (change) => seen.push(said(change)),
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    seen,
    errors,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

function said(change: Change<KubeObject>): string {
  return change.type === 'listed'
    ? `listed ${change.objects.map(({ metadata }) => metadata.name).join(',')}`
    : `${change.type} ${change.object.metadata.name}`;
}

/** `list`, or the version from which a watch was asked for. */
const questions = (api: ApiServer) =>
  api.asked.map(({ query }) => (query['watch'] ? query['resourceVersion'] : 'list'));

test('lists, then tells every change, and keeps bookmarks to itself', async () => {
  const events = [
    line('ADDED', 'b', '8'),
    line('MODIFIED', 'b', '9'),
    line('BOOKMARK', '', '10'),
    line('DELETED', 'a', '11'),
  ];
  await using api = await apiServer(listed('7', 'a'), stream(events, 'stays open'));
  await using following = follow(api, { namespace: 'shop', labelSelector: 'x=y' });
  await expect.poll(() => following.seen, patience).toEqual(['listed a', 'changed b', 'changed b', 'deleted a']);
  expect(following.errors).toEqual([]);
  expect(api.asked[1]).toMatchObject({
    path: '/api/v1/namespaces/shop/pods',
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
      labelSelector: 'x=y',
      timeoutSeconds: '300',
    },
  });
});

test('a watch that the server ends goes on from the last version, also of a bookmark, without a new list', async () => {
  await using api = await apiServer(
    listed('7'),
    stream([line('ADDED', 'a', '8')], 'closes'),
    stream([line('BOOKMARK', '', '12')], 'closes'),
    stream([line('ADDED', 'b', '13')], 'stays open'),
  );
  await using following = follow(api);
  await expect.poll(() => following.seen, patience).toEqual(['listed ', 'changed a', 'changed b']);
  expect(questions(api)).toEqual(['list', '7', '8', '12']);
  expect(following.errors).toEqual([]);
});

test('history that is no longer kept leads to a new list and is no error', async () => {
  await using api = await apiServer(
    listed('7'),
    stream([expired], 'closes'),
    listed('20', 'a'),
    refusal(410, 'Expired'),
    listed('30', 'b'),
    stream([], 'stays open'),
  );
  await using following = follow(api);
  await expect.poll(() => questions(api), patience).toEqual(['list', '7', 'list', '20', 'list', '30']);
  expect(following.seen).toEqual(['listed ', 'listed a', 'listed b']);
  expect(following.errors).toEqual([]);
});

test.each([
  ['a line that is no JSON', stream([line('ADDED', 'a', '8'), '<html>\n'], 'stays open'), 'kube.unreachable'],
  ['a line that ends too early', stream([line('ADDED', 'a', '8'), '{"type":"ADD'], 'closes'), 'kube.unreachable'],
  [
    'an error event',
    stream([line('ADDED', 'a', '8'), '{"type":"ERROR","object":{"code":500}}\n'], 'stays open'),
    'kube.unreachable',
  ],
  ['a connection that breaks', stream([line('ADDED', 'a', '8')], 'breaks'), undefined],
])('%s is reported and leads to a new list', async (_name, broken, code) => {
  await using api = await apiServer(listed('7'), broken, listed('20', 'a', 'b'), stream([], 'stays open'));
  await using following = follow(api);
  await expect.poll(() => questions(api), patience).toEqual(['list', '7', 'list', '20']);
  expect(following.seen).toEqual(['listed ', 'changed a', 'listed a,b']);
  expect(following.errors).toHaveLength(1);
  if (code !== undefined) expect(following.errors[0]).toMatchObject({ code });
});

test('a dropped question is reported and leads to a new list', async () => {
  await using api = await apiServer(listed('7'), drop, listed('20'), stream([], 'stays open'));
  await using following = follow(api);
  await expect.poll(() => questions(api), patience).toEqual(['list', '7', 'list', '20']);
  expect(following.errors).toHaveLength(1);
});

test('a list that is refused is reported and tried again: the watch never ends by itself', async () => {
  await using api = await apiServer(refusal(403, 'Forbidden'), refusal(401, 'Unauthorized'), listed('7', 'a'), silent);
  await using following = follow(api);
  await expect.poll(() => following.seen, patience).toEqual(['listed a']);
  expect(following.errors).toMatchObject([{ code: 'kube.forbidden' }, { code: 'kube.unauthenticated' }]);
});

/** Half of every longest pause, so that the sum of the pauses is known: 50 + 100 + 200 + 400 ms. */
function withoutJitter(): Disposable {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
  return { [Symbol.dispose]: () => random.mockRestore() };
}

const between = (one: { at: number } | undefined, other: { at: number } | undefined) =>
  (other?.at ?? 0) - (one?.at ?? 0);

test('watches that fail again and again after lists that succeed are asked for more and more slowly', async () => {
  using _half = withoutJitter();
  await using api = await apiServer((response, asked) =>
    (asked.query['watch'] ? refusal(500, 'InternalError') : listed('7'))(response, asked),
  );
  await using following = follow(api);
  await expect.poll(() => questions(api), patience).toEqual(Array.from({ length: 5 }, () => ['list', '7']).flat());
  expect(between(api.asked[0], api.asked[8])).toBeGreaterThan(740);
  expect(following.errors[0]).toMatchObject({ code: 'kube.unavailable' });
});

test('a server that ends every watch at once is not asked in a tight loop', async () => {
  using _half = withoutJitter();
  await using api = await apiServer(listed('7'), stream([], 'closes'));
  await using following = follow(api);
  await expect.poll(() => api.asked.length, patience).toBe(6);
  expect(between(api.asked[1], api.asked[5])).toBeGreaterThan(740);
  expect(following.errors).toEqual([]);
});

test('Retry-After is honoured between two watches', async () => {
  await using api = await apiServer(
    listed('7'),
    json(429, {}, { 'retry-after': '1' }),
    listed('8'),
    stream([], 'stays open'),
  );
  await using _following = follow(api);
  await expect.poll(() => questions(api), patience).toEqual(['list', '7', 'list', '8']);
  expect(between(api.asked[1], api.asked[2])).toBeGreaterThanOrEqual(999);
});

test.each([
  ['before its headers', silent],
  ['after its headers', stream([], 'stays open')],
  ['after an event', stream([line('ADDED', 'a', '8')], 'stays open')],
])('a watch that falls silent %s is given up, reported and followed by a new list', async (_when, mute) => {
  await using api = await apiServer(listed('7'), mute, listed('20', 'b'), mute);
  await using following = follow(api, { silenceMs: 100 });
  await expect.poll(() => following.seen, patience).toContain('listed b');
  expect(following.errors[0]).toMatchObject({
    code: 'kube.unreachable',
    message: expect.stringContaining('went silent'),
  });
});

test('lists again after the given time, although the watch is alive and the server does not end it', async () => {
  const chatty: Answer = (response, asked) => {
    stream([], 'stays open')(response, asked);
    const timer = setInterval(() => response.write(line('BOOKMARK', '', '8')), 20);
    response.on('close', () => clearInterval(timer));
  };
  await using api = await apiServer(listed('7', 'a'), chatty, listed('20', 'b'), chatty, listed('30', 'c'), chatty);
  await using following = follow(api, { relistMs: 200 });
  await expect.poll(() => following.seen, patience).toEqual(['listed a', 'listed b', 'listed c']);
  expect(following.errors).toEqual([]);
  expect(between(api.asked[1], api.asked[2])).toBeGreaterThanOrEqual(150);
});

test('a receiver that throws is reported and does not end the watch', async () => {
  await using api = await apiServer(listed('7'), stream([line('ADDED', 'a', '8')], 'stays open'), listed('20'), silent);
  let calls = 0;
  await using following = follow(api, {
    onChange: () => {
      calls += 1;
      if (calls === 2) throw new Error('a mistake of the receiver');
    },
  });
  await expect.poll(() => calls, patience).toBe(3);
  expect(following.errors).toMatchObject([{ message: 'a mistake of the receiver' }]);
});

test.each([
  ['in the middle of a watch', [listed('7'), stream([line('ADDED', 'a', '8')], 'stays open')], 2],
  ['in the middle of a list', [silent], 1],
  ['between two attempts', [json(429, {}, { 'retry-after': '3' })], 1],
] satisfies [string, Answer[], number][])(
  'an abort %s ends it without an error and leaves no socket',
  async (_when, answers, asked) => {
    await using api = await apiServer(...answers);
    const following = follow(api);
    await expect.poll(() => api.asked.length, patience).toBe(asked);
    await following[Symbol.asyncDispose]();
    expect(following.errors).toEqual([]);
    await api.connection.close();
    await expect.poll(() => api.sockets(), patience).toBe(0);
  },
);

test('an abort in the middle of a watch closes its socket while the connection stays', async () => {
  await using api = await apiServer(listed('7'), stream([line('ADDED', 'a', '8')], 'stays open'));
  const following = follow(api);
  await expect.poll(() => following.seen, patience).toContain('changed a');
  await following[Symbol.asyncDispose]();
  await expect.poll(() => api.sockets(), patience).toBe(0);
});

test('a watch that was aborted before it began asks nothing', async () => {
  await using api = await apiServer(listed('7'));
  await watch(api.connection, pods, { signal: AbortSignal.abort(), onChange: () => {}, onError: () => {} });
  expect(api.asked).toEqual([]);
});

async function split(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const all: string[] = [];
  async function* bytes() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
  for await (const text of lines(bytes())) all.push(text);
  return all;
}

test.each([
  [['a\nb\n'], ['a', 'b']],
  [
    ['a\n', 'b\n'],
    ['a', 'b'],
  ],
  [
    ['a', 'b', '\n', 'c\nd'],
    ['ab', 'c', 'd'],
  ],
  [['\n\na\n\n'], ['a']],
  [['a\r\nb'], ['a\r', 'b']],
  [[''], []],
  [[], []],
])('%j is read as the lines %j', async (chunks, expected) => {
  expect(await split(...chunks)).toEqual(expected);
});

test('characters that are cut between chunks stay whole, wherever they are cut', async () => {
  const bytes = new TextEncoder().encode('ä€😀\nß\n');
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(await split(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['ä€😀', 'ß']);
  }
  expect(await split(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['ä€😀', 'ß']);
});

test('a line without an end is given up instead of filling the memory', async () => {
  const megabyte = new Uint8Array(1024 * 1024).fill(0x61);
  await expect(split(...Array.from({ length: 20 }, () => megabyte))).rejects.toThrow(RangeError);
});

test('the watch tells that it is alive with each list, event and bookmark, and not while it is silent', async () => {
  await using api = await apiServer(
    listed('7', 'a'),
    stream([line('ADDED', 'b', '8'), line('BOOKMARK', '', '9')], 'stays open'),
  );
  let alive = 0;
  await using following = follow(api, { onAlive: () => (alive += 1) });
  await expect.poll(() => alive, patience).toBe(3);
  expect(following.seen).toEqual(['listed a', 'changed b']);
});

test('a watch that fails does not tell that it is alive', async () => {
  await using api = await apiServer(listed('7'), refusal(500, 'InternalError'), drop);
  let alive = 0;
  await using following = follow(api, { onAlive: () => (alive += 1) });
  await expect.poll(() => api.asked.length, patience).toBeGreaterThan(3);
  expect(following.seen).toEqual(['listed ']);
  expect(alive).toBe(1);
});
