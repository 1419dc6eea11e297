import type { JobEvent, JobFate, JobStatus } from '@ephemera/job';
import { expect, test } from 'vitest';
import { deletionLines } from '../src/commands/job/deletion.ts';
import { endingOf } from '../src/commands/job/ending.ts';
import { countsOf, narrator, runsManyPods, textOf, type NarratorOptions } from '../src/commands/job/narrator.ts';
import { statusLines } from '../src/commands/job/status-lines.ts';

const status = (parts: Partial<JobStatus> = {}): JobStatus => ({
  namespace: 'shop',
  name: 'hello',
  uid: 'u',
  state: 'Running',
  active: 0,
  ready: 0,
  succeeded: 0,
  failed: 0,
  completions: 1,
  parallelism: 1,
  conditions: [],
  ...parts,
});

const diagnosis = {
  code: 'pod.image_pull',
  subject: 'Pod hello-abc, container job-container',
  message: 'The image cannot be pulled: not found.',
  hint: 'Check name and tag.',
  retryable: true,
  final: true,
} as const;

const log = (pod: string, line: string): JobEvent => ({ type: 'log', pod, container: 'job-container', line });
const one = { manyPods: false, terminal: false };

test('a change of the counts and of a pod is one line on standard error, and what did not change is not repeated', () => {
  const { tell } = narrator(one);
  const events: JobEvent[] = [
    { type: 'status', status: status({ active: 1 }) },
    { type: 'status', status: status({ active: 1 }) },
    { type: 'pod', pod: 'hello-abc', phase: 'Pending' },
    { type: 'pod', pod: 'hello-abc', phase: 'Pending' },
    { type: 'pod', pod: 'hello-abc', phase: 'Running', node: 'n1' },
    { type: 'pod', pod: 'hello-abc', phase: 'Succeeded', node: 'n1' },
    { type: 'status', status: status({ state: 'Complete', succeeded: 1 }) },
  ];
  const said = events.flatMap(tell);
  expect(new Set(said.map(({ to }) => to))).toEqual(new Set(['stderr']));
  expect(said.map(({ line }) => line)).toEqual([
    'job hello: Running, 0/1 complete, 1 starting',
    'pod hello-abc: Pending',
    'pod hello-abc: Pending → Running on node n1',
    'pod hello-abc: Running → Succeeded',
    'job hello: Complete, 1/1 complete',
  ]);
});

test.each([
  ['Running, 2/5 complete, 3 running', status({ active: 3, ready: 3, succeeded: 2, completions: 5 })],
  [
    'Running, 0 complete, 1 running, 2 starting, 2 failed',
    status({ active: 3, ready: 1, failed: 2, completions: null }),
  ],
  ['Suspended, 0/1 complete', status({ state: 'Suspended' })],
])('counts read “%s”: nothing that is 0 but for the goal', (expected, given) => {
  expect(countsOf(given)).toBe(expected);
});

test.each([
  [false, 'that is alone', {}],
  [false, 'that has ended', { succeeded: 1 }],
  [true, 'of several completions', { completions: 2 }],
  [true, 'of a work queue', { completions: null, parallelism: 2 }],
  [true, 'that was tried again', { failed: 1, active: 1 }],
] as const)('more than one pod: %s, for a job %s', (many, _what, parts) => {
  expect(runsManyPods(status(parts))).toBe(many);
});

test('log lines of one pod are as it wrote them, and bear its name from the moment on that there is a second', () => {
  const { tell } = narrator(one);
  const said = [log('a', '\tone'), log('a', ''), log('b', 'two'), log('a', 'three')].flatMap(tell);
  expect(said).toEqual(
    ['\tone', '', '[b/job-container] two', '[a/job-container] three'].map((line) => ({ to: 'stdout', line })),
  );
});

test('a job of several pods has the names of the pods before its lines from the first on', () => {
  expect(narrator({ ...one, manyPods: true }).tell(log('a', 'one'))).toEqual([
    { to: 'stdout', line: '[a/job-container] one' },
  ]);
});

test('the parts of a long line become one line again, and what another pod writes in between a line of its own', () => {
  const part = (pod: string, line: string): JobEvent => ({ ...log(pod, line), continues: true }) as JobEvent;
  const written = (options: NarratorOptions, events: readonly JobEvent[]) =>
    events.flatMap(narrator(options).tell).map(textOf).join('');
  expect(written(one, [part('a', 'one '), part('a', 'and '), log('a', 'the same'), log('a', 'two')])).toBe(
    'one and the same\ntwo\n',
  );
  const two = [part('a', 'one '), part('a', 'half'), log('b', 'between'), log('a', 'the other')];
  const [a, b] = ['[a/job-container]', '[b/job-container]'];
  expect(written({ ...one, manyPods: true }, two)).toBe(`${a} one half\n${b} between\n${a} the other\n`);
});

test('a log line keeps its control characters in a pipe; a terminal gets its tabs only', () => {
  const line = 'a\tb\u001b[2J\u001b]0;owned\u0007c\r\u009bd';
  expect(narrator(one).tell(log('a', line))).toEqual([{ to: 'stdout', line }]);
  expect(narrator({ ...one, terminal: true }).tell(log('a', line))).toEqual([{ to: 'stdout', line: 'a\tbc d' }]);
});

test('what the cluster says cannot move the cursor, wherever it stands', () => {
  const evil = 'x\u001b[2J\ny';
  const bad = { ...diagnosis, message: evil, hint: evil, subject: evil };
  const failed = status({ state: 'Failed', name: evil, reason: evil, message: evil });
  const end = { ...ended, message: evil, hint: evil, pod: evil, container: evil, lastLines: [evil] };
  const events: JobEvent[] = [
    { type: 'warning', message: evil },
    { type: 'diagnosis', diagnosis: bad },
    { type: 'pod', pod: evil, phase: 'Pending', node: evil },
    { type: 'status', status: status({ name: evil }) },
  ];
  const lines = [
    ...events.flatMap(narrator({ ...one, terminal: true }).tell).map(({ line }) => line),
    ...endingOf({ outcome: 'failed', status: failed, diagnosis: bad, end }).lines,
    ...endingOf({ outcome: 'failed', status: failed, diagnosis: bad }).lines,
    ...[{ ...failed, end }, { ...failed, diagnosis: bad }, failed].flatMap(statusLines),
    ...deletionLines({ removed: [evil], kept: [{ object: evil, because: evil }] }),
  ];
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
});

test('a diagnosis is told once with its remedy, and again only when it says something else', () => {
  const { tell } = narrator(one);
  const event: JobEvent = { type: 'diagnosis', diagnosis };
  const line = `${diagnosis.subject}: ${diagnosis.message} ${diagnosis.hint}`;
  expect([event, event].flatMap(tell)).toEqual([{ to: 'stderr', line }]);
  expect(tell({ ...event, diagnosis: { ...diagnosis, message: 'Still not.' } })).toHaveLength(1);
});

const ended = {
  reason: 'BackoffLimitExceeded',
  message: 'Job hello failed (BackoffLimitExceeded): it ended with exit code 3.',
  hint: 'Read the last lines of its log.',
  failed: 1,
  pod: 'hello-abc',
  container: 'job-container',
  lastLines: [],
} as const;

test.each<[number, string, JobFate]>([
  [
    0,
    'job hello is complete: 5 succeeded in 1 min 2 s',
    {
      outcome: 'complete',
      status: status({ succeeded: 5, startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:01:02Z' }),
    },
  ],
  [
    1,
    'job hello failed: BackoffLimitExceeded: too often',
    {
      outcome: 'failed',
      status: status({ state: 'Failed', reason: 'BackoffLimitExceeded', message: 'too often' }),
    },
  ],
  [
    7,
    'it ran longer than its limit of 5 s',
    {
      outcome: 'deadline',
      status: status({ state: 'Failed' }),
      end: { ...ended, message: 'Job hello failed, as it ran longer than its limit of 5 s.' },
    },
  ],
  [7, 'job hello is not over within --timeout; it goes on', { outcome: 'deadline', status: status() }],
  [1, 'job hello cannot start', { outcome: 'cannot_start', status: status(), diagnosis }],
  [1, 'job hello cannot go on', { outcome: 'cannot_start', status: status({ succeeded: 1 }), diagnosis }],
  [1, 'job hello is suspended', { outcome: 'suspended', status: status({ state: 'Suspended' }) }],
  [1, 'job hello was removed while it was followed', { outcome: 'gone', status: status() }],
])('a fate ends with exit code %i and says “%s”', (code, sentence, fate) => {
  const { exitCode, lines } = endingOf(fate);
  expect(exitCode).toBe(code);
  expect(lines[0]).toContain(sentence);
});

test('a failure says why, what to do, and what its container wrote at last', () => {
  const end = { ...ended, lastLines: ['one', '\ttwo'] };
  expect(endingOf({ outcome: 'failed', status: status({ state: 'Failed' }), diagnosis, end }).lines).toEqual([
    ended.message,
    ended.hint,
    'The last lines of hello-abc/job-container:',
    '  one',
    '  \ttwo',
  ]);
});

test('a start that cannot succeed says what keeps it, and what to do', () => {
  expect(endingOf({ outcome: 'cannot_start', status: status(), diagnosis }).lines).toEqual([
    'job hello cannot start',
    `${diagnosis.subject}: ${diagnosis.message}`,
    diagnosis.hint,
  ]);
});

test('logs of which something is missing are called so at the end, and change nothing of how it ended', () => {
  const { exitCode, lines } = endingOf({ outcome: 'complete', status: status({ succeeded: 1 }), logsIncomplete: true });
  expect(exitCode).toBe(0);
  expect(lines).toEqual(['job hello is complete: 1 succeeded', expect.stringContaining('not all that its containers')]);
});

test('a status for people has a line for each fact that there is', () => {
  expect(
    statusLines(status({ completions: 3, succeeded: 1, completedIndexes: '0', startTime: '2026-01-01T00:00:00Z' })),
  ).toEqual([
    'job       hello in shop',
    'state     Running, 1/3 complete',
    'indexes   0 complete',
    'started   2026-01-01T00:00:00Z',
  ]);
});
