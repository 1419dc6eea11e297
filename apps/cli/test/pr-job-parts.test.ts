import { expect, test } from 'vitest';
import { voiceOf, withoutCommands } from '../src/commands/pr-job/in-actions.ts';
import { jobStatusOf } from '../src/commands/pr-job/job-status.ts';
import { nextCommand } from '../src/commands/pr-job/next-command.ts';
import { eventsOf } from '../src/commands/pr-job/server/event-stream.ts';
import { refusalOf } from '../src/commands/pr-job/server/refusal.ts';
import { wayOf } from '../src/commands/pr-job/which-way.ts';
import { narrator } from '../src/commands/job/narrator.ts';
import { statusLines } from '../src/commands/job/status-lines.ts';
import type { Context } from '../src/context.ts';
import { explain } from '../src/errors.ts';
import { exitCodeOf } from '../src/exit-code.ts';

const named = { EPHEMERA_URL: 'https://ephemera.example' };

test.each([
  [{}, {}, { kind: 'cluster', context: undefined, clusterName: undefined }],
  [{ cluster: 'prod' }, {}, { kind: 'cluster', context: undefined, clusterName: 'prod' }],
  [{}, named, { kind: 'server', clusterName: undefined }],
  [{}, { EPHEMERA_TOKEN: 'eph_x' }, { kind: 'server', clusterName: undefined }],
  [{ cluster: 'prod' }, named, { kind: 'server', clusterName: 'prod' }],
  [{ context: 'kind' }, named, { kind: 'cluster', context: 'kind', clusterName: undefined }],
  [{}, { EPHEMERA_URL: '', EPHEMERA_TOKEN: '' }, { kind: 'cluster', context: undefined, clusterName: undefined }],
] as const)('with the flags %j and the environment %j the way is %j', (flags, environment, way) => {
  expect(wayOf(flags, environment)).toEqual(way);
});

test('a context and the name of a cluster contradict each other', () => {
  expect(() => wayOf({ context: 'kind', cluster: 'prod' }, {})).toThrow(/--context and --cluster/);
});

test('the next command names the job and its cluster so that a shell takes it', () => {
  const ref = { name: 'pr-1', namespace: 'builds' };
  expect(nextCommand('logs --follow', ref, {})).toBe('npx ephemera pr-job logs --follow pr-1 --namespace builds');
  expect(nextCommand('cleanup', ref, { cluster: 'a b' })).toBe(
    "npx ephemera pr-job cleanup pr-1 --namespace builds --cluster 'a b'",
  );
  expect(nextCommand('status', ref, { context: 'kind' })).toMatch(/ --context kind$/);
});

test.each([
  ['::error::owned', ': :error::owned'],
  [' \t::add-mask::x', ' \t: :add-mask::x'],
  ['a ::error::b', 'a ::error::b'],
  ['x ##[add-matcher]/tmp/m.json', 'x # #[add-matcher]/tmp/m.json'],
  ['###[group]', '## #[group]'],
  ['std::vector', 'std::vector'],
])('the line %j is written in GitHub Actions as %j, which is no command to its runner', (line, written) => {
  expect(withoutCommands(line)).toBe(written);
});

test.each([
  ['pipe', {}, false, ['::error::a\u001b[2Jb\n', '{\n  "a": "##[x]"\n}\n']],
  ['terminal', {}, true, ['::error::ab\n', '{\n  "a": "##[x]"\n}\n']],
  ['GitHub Actions', { GITHUB_ACTIONS: 'true' }, false, [': :error::ab\n', '{\n  "a": "#\\u0023[x]"\n}\n']],
] as const)(
  'what a job writes is left as it is on a pipe, and obeyed by no terminal and no runner of GitHub Actions: %s',
  (_what, environment, isTTY, [line, json]) => {
    const written = { stdout: '', stderr: '' };
    const to = (name: 'stdout' | 'stderr') => ({ isTTY, write: (text: string) => (written[name] += text) });
    const context = { environment, process: { stdout: to('stdout'), stderr: to('stderr') } } as unknown as Context;
    const voice = voiceOf(context);
    const { tell } = narrator({ manyPods: false, terminal: voice.terminal });
    tell({ type: 'log', pod: 'p', container: 'c', line: '::error::a\u001b[2Jb' }).forEach(voice.say);
    voice.say({ to: 'stderr', line: 'what the cluster says\u001b[2J' });
    expect(written).toEqual({ stdout: line, stderr: 'what the cluster says\n' });
    written.stdout = '';
    voice.json({ a: '##[x]' });
    expect(written.stdout).toBe(json);
    expect(JSON.parse(written.stdout)).toEqual({ a: '##[x]' });
  },
);

test('a status shows what every job shows, with the reason of the condition that decides', () => {
  const found = {
    jobName: 'pr-job-pr-1-1640995200000',
    namespace: 'builds',
    name: 'pr-1',
    status: 'Failed',
    succeeded: 0,
    failed: 4,
    active: 0,
    conditions: [
      { type: 'FailureTarget', status: 'True', reason: 'Early' },
      { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' },
    ],
    startTime: '2026-01-01T00:00:00Z',
  } as const;
  expect(statusLines(jobStatusOf(found))).toEqual([
    'job       pr-job-pr-1-1640995200000 in builds',
    'state     Failed, 0/1 complete, 4 failed',
    'started   2026-01-01T00:00:00Z',
    'why       BackoffLimitExceeded: too often',
  ]);
  expect(statusLines(jobStatusOf({ ...found, status: 'Running', failed: 0, active: 1, conditions: [] }))[1]).toBe(
    'state     Running, 0/1 complete, 1 running',
  );
});

const refuse = (status: number, body: object | string, hadToken = true) =>
  refusalOf({
    url: 'https://ephemera.example',
    status,
    text: typeof body === 'string' ? body : JSON.stringify(body),
    tokenHint: 'Make a token.',
    hadToken,
  });

test.each([
  [400, 2],
  [413, 2],
  [422, 2],
  [401, 3],
  [403, 3],
  [404, 3],
  [409, 3],
  [429, 3],
  [503, 3],
  [500, 1],
  [418, 1],
])('an answer with the status %i ends with exit code %i', (status, code) => {
  expect(exitCodeOf(refuse(status, { error: 'No.', code: 'x' }))).toBe(code);
});

test('a refusal shows error, details and hint of the server, none of which can move the cursor or begin a line of its own', () => {
  const error = refuse(409, {
    error: 'Taken.',
    details: 'It belongs to acme/shop\u001b[2J\n::error::x.',
    hint: 'Choose\u0007another.',
  });
  expect(explain(error)).toBe(
    'Error: Taken. It belongs to acme/shop ::error::x. (409 from https://ephemera.example)\n\nChoose another.',
  );
});

test('an answer that is not ours is shortened, and one without a word is said to be that', () => {
  expect(refuse(502, `<html>${'x'.repeat(5000)}`).message.length).toBeLessThan(400);
  expect(refuse(500, '').message).toContain('says no more');
});

test('a token that is refused comes with the hint of the server, or else, and where there is none, with how to get one', () => {
  expect(refuse(401, { error: 'No token.' }).hint).toBe('Make a token.');
  expect(refuse(401, { error: 'Expired.', hint: 'Ask for a new one.' }).hint).toBe('Ask for a new one.');
  expect(refuse(401, { error: 'No token.', hint: 'Send one.' }, false).hint).toBe('Make a token.');
});

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

test('events of a stream are read whatever the places at which its pieces are cut', async () => {
  const text = ': hello\n\nevent: log\nid: 7\ndata: {"line":"ä"}\n\ndata: a\r\ndata: b\r\n\r\ndata: cut';
  const expected = [
    { type: 'log', data: '{"line":"ä"}', id: '7' },
    { type: 'message', data: 'a\nb', id: '7' },
  ];
  expect(await Array.fromAsync(eventsOf(parts(text)))).toEqual(expected);
  const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
  async function* single(): AsyncGenerator<Uint8Array> {
    yield* bytes;
  }
  expect(await Array.fromAsync(eventsOf(single()))).toEqual(expected);
});

test('a stream that sends one event without end is given up', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.from('x'.repeat(2 ** 20));
  }
  await expect(Array.fromAsync(eventsOf(endless()))).rejects.toThrow(/does not end/);
});
