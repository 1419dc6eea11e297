import { expect, test } from 'vitest';
import { unsettled, violations, type EnvironmentTruth, type PullTruth, type WorldTruth } from './problems.ts';

const sha = 'a'.repeat(40);
const ready = {
  sha,
  context: 'ephemera/environment',
  state: 'success',
  description: 'The environment is ready',
  target_url: null,
} as const;
const comment = { id: 1, user: 'ephemera[bot]', body: 'ready' };

const pull = (change: Partial<PullTruth['view']> = {}, closes = 0): PullTruth => ({
  name: 'acme/shop#1',
  repositoryId: 1,
  number: 1,
  closes,
  view: { state: 'open', head: { sha, ref: 'x' }, comments: [comment], statuses: [ready], checks: [], ...change },
});

const environment = (change: Partial<EnvironmentTruth> = {}): EnvironmentTruth => ({
  repositoryId: 1,
  prNumber: 1,
  generation: 1,
  status: 'ready',
  wantedState: 'open',
  commitSha: sha,
  namespace: 'pr-1',
  ...change,
});

const world = (change: Partial<WorldTruth> = {}): WorldTruth => ({
  pulls: [pull()],
  environments: [environment()],
  namespaces: [{ name: 'pr-1', terminating: false }],
  openLedgerLines: 1,
  ...change,
});

test('an open pull request with its ready environment at its newest commit is settled', () => {
  expect(unsettled(world())).toEqual([]);
});

test.each<[string, Partial<WorldTruth>, RegExp]>([
  ['no environment', { environments: [], namespaces: [], openLedgerLines: 0 }, /has no environment/],
  ['an old commit', { environments: [environment({ commitSha: 'b' })] }, /old commit/],
  ['a failed environment', { environments: [environment({ status: 'failed' })] }, /is failed/],
  ['a missing namespace', { namespaces: [] }, /pr-1 is missing/],
  ['a namespace too many', { namespaces: [...world().namespaces, { name: 'x', terminating: true }] }, /x is left over/],
  ['a status that is not told', { pulls: [pull({ statuses: [] })] }, /GitHub says/],
  [
    'a closed one that is still there',
    { pulls: [pull({ state: 'closed' }, 1)] },
    /closed and its environment is ready/,
  ],
  ['a line of the ledger too many', { openLedgerLines: 2 }, /ledger/],
])('%s is not settled', (_what, change, problem) => {
  expect(unsettled(world(change)).join('\n')).toMatch(problem);
});

test.each<[string, Partial<WorldTruth>, RegExp]>([
  ['a second comment', { pulls: [pull({ comments: [comment, comment] })] }, /2 comments/],
  ['an end that nobody asked for', { environments: [environment({ wantedState: 'closed' })] }, /closed 0 times/],
  ['a second wanted environment', { environments: [environment(), environment({ generation: 2 })] }, /2 environments/],
])('%s must never be', (_what, change, problem) => {
  expect(violations(world(change)).join('\n')).toMatch(problem);
});

test('a pull request that was opened and closed while nobody heard of it leaves nothing to do', () => {
  const unheard = pull({ state: 'closed', comments: [], statuses: [] }, 1);
  expect(unsettled(world({ pulls: [unheard], environments: [], namespaces: [], openLedgerLines: 0 }))).toEqual([]);
});
