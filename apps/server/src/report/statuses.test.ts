import type { EnvironmentStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import type { TimelineEvent } from '../store/schema.ts';
import { statusesFor, statusKey } from './statuses.ts';

const url = 'http://pr-12.preview.example';

function events(...states: readonly (readonly [EnvironmentStatus, string, string?])[]): TimelineEvent[] {
  return states.map(([name, commitSha, message = null], index) => ({
    id: index + 1,
    environmentId: 7,
    at: new Date(0),
    kind: 'status',
    name,
    commitSha,
    message,
  }));
}

/** What GitHub is told, as `sha state description`. */
const told = (list: TimelineEvent[], last: string | null = null) =>
  statusesFor(list, { url, told: last }).map(statusKey);

test.each([
  ['pending', 'a pending The environment is being prepared'],
  ['provisioning', 'a pending The environment is being prepared'],
  ['updating', 'a pending The environment is being updated'],
  ['ready', 'a success The environment is ready'],
  ['failed', 'a failure The environment failed'],
  ['destroyed', 'a success Removed'],
] as const)('%s is told as: %s', (state, shown) => {
  expect(told(events([state, 'a']))).toEqual([shown]);
});

test('a failure says what happened', () => {
  expect(told(events(['failed', 'a', 'The quota is full.']))).toEqual(['a failure The quota is full.']);
});

test('destroying says nothing: the last answer stands while something is being removed', () => {
  expect(told(events(['destroying', 'a']))).toEqual([]);
});

test('a burst collapses: of one commit only the last state is told', () => {
  expect(told(events(['pending', 'a'], ['provisioning', 'a'], ['ready', 'a']))).toEqual([
    'a success The environment is ready',
  ]);
});

test('each commit gets its last state, oldest first', () => {
  expect(told(events(['ready', 'a'], ['updating', 'b'], ['updating', 'c'], ['ready', 'c']))).toEqual([
    'a success The environment is ready',
    'b pending The environment is being updated',
    'c success The environment is ready',
  ]);
});

test('a failure is never swallowed by what follows it', () => {
  expect(told(events(['ready', 'a'], ['failed', 'a', 'gone'], ['provisioning', 'a'], ['ready', 'a']))).toEqual([
    'a failure gone',
    'a success The environment is ready',
  ]);
});

test('what GitHub was told last is not said again', () => {
  expect(told(events(['pending', 'a'], ['provisioning', 'a']), 'a pending The environment is being prepared')).toEqual(
    [],
  );
  expect(told(events(['failed', 'a', 'x'], ['failed', 'a', 'x']))).toEqual(['a failure x']);
});

test('what was told before is said again when something else was told since', () => {
  expect(told(events(['failed', 'a', 'x'], ['ready', 'a']), 'a success The environment is ready')).toEqual([
    'a failure x',
    'a success The environment is ready',
  ]);
});

test('every status but Removed leads to the environment', () => {
  const statuses = statusesFor(events(['pending', 'a'], ['ready', 'b'], ['failed', 'c'], ['destroyed', 'd']), {
    url,
    told: null,
  });
  expect(statuses.map(({ targetUrl }) => targetUrl)).toEqual([url, url, url, undefined]);
  expect(new Set(statuses.map(({ context }) => context))).toEqual(new Set(['ephemera/environment']));
});

test('no events, nothing to say', () => {
  expect(told([])).toEqual([]);
});
