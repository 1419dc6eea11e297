import type { EnvironmentStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { environmentRow, shaOf } from '../../test/environment-row.ts';
import type { Environment, TimelineEvent } from '../store/schema.ts';
import { renderCheckRun, type CheckRunInput } from './check-run.ts';

const sha = shaOf('a');

const event = (change: Partial<TimelineEvent>, seconds = 0): TimelineEvent => ({
  id: 1,
  environmentId: 7,
  at: new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000),
  kind: 'status',
  name: 'pending',
  commitSha: sha,
  message: null,
  ...change,
});

const statuses = (...names: readonly EnvironmentStatus[]) => names.map((name, index) => event({ name }, index));
const render = (
  events: readonly TimelineEvent[],
  change: Partial<CheckRunInput> = {},
  row: Partial<Environment> = {},
) => renderCheckRun({ environment: environmentRow(row), events, sha, current: true, ...change });

test.each([
  ['pending', 'in_progress', undefined, 'The environment is being prepared'],
  ['provisioning', 'in_progress', undefined, 'The environment is being prepared'],
  ['updating', 'in_progress', undefined, 'The environment is being updated'],
  ['ready', 'completed', 'success', 'The environment is ready'],
  ['failed', 'completed', 'failure', 'The environment failed'],
  ['destroyed', 'completed', 'neutral', 'Removed'],
] as const)('%s is shown as %s, %s: %s', (name, status, conclusion, title) => {
  expect(render(statuses(name))).toMatchObject({ status, title, sha });
  expect(render(statuses(name))?.conclusion).toBe(conclusion);
});

test('its name is not the context of the commit status, and its external id names environment and generation', () => {
  expect(render(statuses('ready'), {}, { id: 9, generation: 3 })).toMatchObject({
    name: 'Ephemera environment',
    externalId: 'environment 9, generation 3',
  });
});

test('while something is being removed, the last answer stands', () => {
  expect(render(statuses('ready', 'destroying'))).toEqual(render(statuses('ready')));
});

test('without an event on the commit there is nothing to say', () => {
  expect(render([])).toBeUndefined();
  expect(render([event({ commitSha: shaOf('b') })])).toBeUndefined();
});

test('the timeline shows the time since the start, what happened, and the message', () => {
  const run = render([
    event({ name: 'provisioning' }),
    event({ kind: 'step', name: 'namespace' }, 0.25),
    event({ kind: 'note', name: 'edited', message: 'The quota was put back.' }, 1.5),
    event({ name: 'failed', message: 'The quota is full. Raise QUOTA_PODS.' }, 62),
  ]);
  expect(run?.summary).toBe(
    [
      'What happened: `The quota is full. Raise QUOTA_PODS.`',
      '',
      '| Time | What happened | Message |',
      '| ---: | --- | --- |',
      '| 0.0 s | `provisioning` |  |',
      '| 0.3 s | `namespace` done |  |',
      '| 1.5 s | `edited` | `The quota was put back.` |',
      '| 62.0 s | `failed` | `The quota is full. Raise QUOTA_PODS.` |',
    ].join('\n'),
  );
});

test('what holds an environment up is said while it does', () => {
  const row = { status: 'provisioning', errorMessage: 'the API server is away' } as const;
  expect(render(statuses('provisioning'), {}, row)?.summary).toContain('So far: `the API server is away`');
});

test('a commit that was left before it was ready is superseded; one that had its end keeps it', () => {
  const left = { current: false };
  expect(render(statuses('provisioning'), left)).toMatchObject({ conclusion: 'neutral', title: 'Superseded' });
  for (const name of ['ready', 'failed', 'destroyed'] as const)
    expect(render(statuses(name), left)).toEqual(render(statuses(name)));
});

test('it leads to the environment, unless that is removed', () => {
  expect(render(statuses('ready'))?.detailsUrl).toBe(environmentRow().environmentUrl);
  expect(render(statuses('destroyed'))?.detailsUrl).toBeUndefined();
});

test('text of strangers stays inside its table cell and its code span', () => {
  const hostile = '`</td>` | @everyone\n\n# Heading [x](http://evil.example) <img src=x>';
  const calm = render([event({ name: 'failed', message: 'x' })])?.summary ?? '';
  const summary = render([event({ name: 'failed', message: hostile })])?.summary ?? '';
  expect(summary.split('\n')).toHaveLength(calm.split('\n').length);
  expect(summary.split('\n').at(-1)?.match(/\|/g)).toHaveLength(4);
  expect(summary.replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '')).not.toMatch(/@everyone|evil|<img|# Heading/);
});

test('however much happened, GitHub takes it, and what is newest is there', () => {
  const many = Array.from({ length: 5_000 }, (_, index) =>
    event({ kind: 'note', name: 'note', message: `${index} ${'😀'.repeat(500)}` }, index),
  );
  const last = event({ name: 'failed', message: 'x'.repeat(100_000) }, 5_000);
  const summary = render([event({}), ...many, last])?.summary ?? '';
  expect(summary.length).toBeLessThanOrEqual(65_535);
  expect(summary.split('\n').at(-1)).toContain('`failed`');
  expect(summary).toMatch(/\| \d+ earlier lines are left out \|/);
});
