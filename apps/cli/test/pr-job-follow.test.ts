import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobEvent } from '@ephemera/job';
import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';
import { expect, test } from 'vitest';
import { apiOf } from '../src/commands/pr-job/server/api.ts';
import { followOnServer } from '../src/commands/pr-job/server/follow.ts';
import { followStream } from '../src/commands/pr-job/server/follow-stream.ts';
import type { PrJobEventView } from '../src/commands/pr-job/server/events.ts';
import { createdLast } from '../src/commands/pr-job/server/newest-known.ts';
import { outcomeOf } from '../src/commands/pr-job/server/outcome.ts';
import type { Place } from '../src/commands/pr-job/server/place.ts';
import { readLogs } from '../src/commands/pr-job/server/read-logs.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A place where each connection gets the next answer; the last one is repeated. */
async function placeThat(
  ...answers: readonly Answer[]
): Promise<AsyncDisposable & { place: Place; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answers[Math.min(asked.length, answers.length) - 1]?.(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = apiOf({ url, inWords: '', token: async () => 'eph_test', hint: '' });
  return {
    place: { api, clusterName: 'prod' },
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ref = { name: 'pr-1', namespace: 'builds', jobName: 'pr-job-pr-1-1640995200000' };

const status = (parts: Partial<PullRequestPodStatus>): PullRequestPodStatus => ({
  ...ref,
  status: 'Running',
  succeeded: 0,
  failed: 0,
  active: 1,
  conditions: [],
  ...parts,
});

const event = (type: string, data: object, id?: string): string =>
  `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const line = (text: string, id?: string): string => event('log', { pod: 'p', container: 'c', line: text }, id);

const streams =
  (text: string, end: 'end' | 'destroy' | 'open' = 'end'): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => {
      if (end === 'end') response.end();
      if (end === 'destroy') response.destroy();
    });
  };
const refuses =
  (code: number): Answer =>
  (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'No.', code: 'x', retryable: false }));
  };
const finished = event('end', { reason: 'finished', status: 'Complete' });

async function followed(place: Place, signal = new AbortController().signal) {
  const events: JobEvent[] = [];
  const fate = await followOnServer(place, ref, { signal, onEvent: (one) => void events.push(one) });
  return { fate, lines: events.flatMap((one) => (one.type === 'log' ? [one.line] : [])), events };
}

test('a job is followed by one stream: its states, lines and diagnosis become events, and its end the fate', async () => {
  const diagnosis = {
    code: 'pod.image_pull',
    subject: 'Pod p',
    message: 'No.',
    hint: '',
    retryable: true,
    final: false,
  };
  await using server = await placeThat(
    streams(
      [
        event('status', status({ status: 'Pending', diagnosis } as never)),
        ': beat\n\n',
        line('one'),
        event('warning', { message: 'late' }),
        event('unheard-of', {}),
        event('status', status({ status: 'Complete', succeeded: 1, active: 0 })),
        finished,
      ].join(''),
    ),
  );
  const { fate, events } = await followed(server.place);
  expect(fate).toMatchObject({ outcome: 'complete', status: { name: ref.jobName, state: 'Complete', succeeded: 1 } });
  expect(events.map(({ type }) => type)).toEqual(['status', 'diagnosis', 'log', 'warning', 'status']);
  const [request] = server.asked;
  expect(request?.url).toBe(
    `/api/kubernetes/pr-jobs/${ref.jobName}/logs?name=pr-1&namespace=builds&follow=true&clusterName=prod`,
  );
  expect(request?.headers.authorization).toBe('Bearer eph_test');
});

test.each(['destroy', 'end'] as const)(
  'a connection that breaks (%s) is made anew, goes on after the last line, and loses none',
  async (how) => {
    await using server = await placeThat(
      streams(line('one', '1') + line('two', '2'), how),
      refuses(503),
      streams(line('three', '3') + event('status', status({ status: 'Complete' })) + finished),
    );
    const { fate, lines, events } = await followed(server.place);
    expect([fate.outcome, lines]).toEqual(['complete', ['one', 'two', 'three']]);
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2']);
    expect(events.find(({ type }) => type === 'warning')).toMatchObject({
      message: expect.stringContaining('goes on') as unknown,
    });
  },
);

test.each(['stopping', 'limit'])('a server that ends the stream with “%s” is asked again', async (reason) => {
  await using server = await placeThat(
    streams(line('one', '1') + event('end', { reason })),
    streams(event('status', status({ status: 'Complete' })) + finished),
  );
  expect((await followed(server.place)).fate.outcome).toBe('complete');
  expect(server.asked).toHaveLength(2);
});

test('a job that is removed while it is followed is gone, whether the stream says so or the next connection does', async () => {
  const begun = event('status', status({}));
  await using said = await placeThat(streams(begun + event('end', { reason: 'gone' })));
  await using found = await placeThat(streams(begun, 'destroy'), refuses(404));
  for (const { place } of [said, found]) expect((await followed(place)).fate).toMatchObject({ outcome: 'gone' });
});

test.each([
  ['a token that may not', refuses(403), 'server.refused'],
  ['a job that never was', refuses(404), 'server.refused'],
  ['a token that is refused', refuses(401), 'server.token_refused'],
  [
    'a cluster that forbids it',
    streams(event('end', { reason: 'failed', error: 'Forbidden.', retryable: false })),
    'server.failed',
  ],
])('%s ends following at once with what the server says', async (_what, answer, code) => {
  await using server = await placeThat(answer);
  await expect(followed(server.place)).rejects.toMatchObject({ code });
  expect(server.asked).toHaveLength(1);
});

test('following ends with its signal, without a word about the connection', async () => {
  await using server = await placeThat(streams(line('one'), 'open'));
  const controller = new AbortController();
  const reason = new Error('enough');
  const lines: string[] = [];
  const following = followStream(server.place, ref, {
    tailLines: undefined,
    signal: controller.signal,
    onLine: ({ line: text }) => {
      lines.push(text);
      controller.abort(reason);
    },
    onWarning: (message) => void lines.push(message),
    onStatus: () => {},
    onSign: () => {},
  });
  await expect(following).rejects.toBe(reason);
  expect(lines).toEqual(['one']);
});

test('after a break, the end of a log goes on with new lines, and what is missing is said', async () => {
  await using server = await placeThat(streams(line('one'), 'destroy'), streams(line('two') + finished));
  const lines: string[] = [];
  const warnings: string[] = [];
  await readLogs(server.place, ref, {
    follow: true,
    tailLines: 5,
    signal: new AbortController().signal,
    onLine: ({ line: text }) => void lines.push(text),
    onWarning: (message) => void warnings.push(message),
  });
  expect(lines).toEqual(['one', 'two']);
  expect(server.asked.map(({ url }) => new URL(url ?? '', 'http://x').searchParams.get('tail'))).toEqual(['5', '0']);
  expect(warnings).toEqual([expect.stringContaining('is missing')]);
});

test('a log until now comes as it was written; what the server adds is told apart, and one that breaks off is an error', async () => {
  const raw = 'a\tb\u001b[2J\rc\n\n[ephemera] Something is missing.\nlast';
  const read = async (end: 'end' | 'destroy') => {
    await using server = await placeThat(streams(raw, end));
    const lines: string[] = [];
    const warnings: string[] = [];
    await readLogs(server.place, ref, {
      follow: false,
      tailLines: undefined,
      signal: new AbortController().signal,
      onLine: ({ line: text }) => void lines.push(text),
      onWarning: (message) => void warnings.push(message),
    });
    return { lines, warnings };
  };
  expect(await read('end')).toEqual({ lines: ['a\tb\u001b[2J\rc', '', 'last'], warnings: ['Something is missing.'] });
  await expect(read('destroy')).rejects.toMatchObject({ code: 'server.unreachable' });
});

const failed = { type: 'Failed', status: 'True' } as const;
const stuck = {
  code: 'pod.image_name',
  subject: 'Pod p',
  message: '',
  hint: '',
  retryable: false,
  final: true,
} as const;

test.each([
  ['complete', status({ status: 'Complete' })],
  ['failed', status({ status: 'Failed', conditions: [{ ...failed, reason: 'BackoffLimitExceeded' }] })],
  ['deadline', status({ status: 'Failed', conditions: [{ ...failed, reason: 'DeadlineExceeded' }] })],
  ['suspended', status({ status: 'Suspended', active: 0 })],
  [undefined, status({ status: 'Suspended', active: 1 })],
  [undefined, status({ status: 'Running' })],
] as const)('the outcome %s is read from the status', (outcome, found) => {
  expect(outcomeOf(found, 0, undefined)).toEqual({ outcome, stuckSince: undefined });
});

test('a start that cannot heal is given up after a minute without a break; a lack of room, or a retry, is waited for', () => {
  const pending = status({ status: 'Pending', diagnosis: stuck });
  expect(outcomeOf(pending, 1_000, undefined)).toEqual({ outcome: undefined, stuckSince: 1_000 });
  expect(outcomeOf(pending, 60_999, 1_000).outcome).toBeUndefined();
  expect(outcomeOf(pending, 61_000, 1_000).outcome).toBe('cannot_start');
  for (const better of [
    { ...pending, diagnosis: { ...stuck, final: false } },
    { ...pending, diagnosis: { ...stuck, code: 'pod.unschedulable', lacksRoom: true } as const },
    { ...pending, failed: 1 },
    { ...pending, status: 'Running' } as const,
  ])
    expect(outcomeOf(better, 61_000, 1_000)).toEqual({ outcome: undefined, stuckSince: undefined });
});

const record = (parts: Partial<PrJobEventView>): PrJobEventView => ({
  id: 1,
  at: '2026-01-01T00:00:00Z',
  caller: 'ci',
  action: 'create',
  outcome: 'done',
  cluster: '',
  job_name: 'a',
  code: null,
  message: null,
  ...parts,
});

test('the newest job is the one that was created last in the cluster that is meant', () => {
  const events = [
    record({ action: 'status', job_name: 'looked-at' }),
    record({ outcome: 'refused', job_name: 'refused' }),
    record({ cluster: 'PROD', job_name: 'in-prod' }),
    record({ job_name: 'own' }),
    record({ job_name: 'older' }),
  ];
  expect(createdLast(events)).toBe('own');
  expect(createdLast(events, 'prod')).toBe('in-prod');
  expect(createdLast(events.slice(3), 'known-by-another-name')).toBe('own');
  expect(createdLast(events.slice(2, 3))).toBeUndefined();
  expect(createdLast([])).toBeUndefined();
});
