import type { EnvironmentStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import {
  decide,
  foreignObject,
  namespaceMissing,
  namespaceStuck,
  namespaceTerminating,
  retryAsked,
  type Plan,
} from './decide.ts';

const provision = (commitSha: string): Plan => ({ kind: 'converge', as: 'provisioning', commitSha });
const update = (commitSha: string): Plan => ({ kind: 'converge', as: 'updating', commitSha });
const nothing: Plan = { kind: 'nothing' };
const teardown: Plan = { kind: 'teardown' };
const verify: Plan = { kind: 'verify' };

function decided(
  status: EnvironmentStatus,
  wanted: { state?: 'closed'; sha?: string; deployed?: boolean; reason?: string; leftovers?: boolean },
): Plan {
  const deployed = wanted.deployed ?? (status === 'ready' || status === 'updating');
  const row = {
    status,
    wantedState: wanted.state ?? 'open',
    wantedSha: wanted.sha ?? 'a',
    commitSha: 'a',
    lastDeployedAt: deployed ? new Date(0) : null,
    reason: wanted.reason ?? null,
  } as const;
  return decide(row, { leftovers: wanted.leftovers ?? false });
}

test.each([
  // status         what is wanted                            plan
  ['pending', {}, provision('a')],
  ['provisioning', {}, provision('a')],
  ['provisioning', { sha: 'b' }, provision('b')],
  ['ready', {}, verify],
  ['ready', { sha: 'b' }, update('b')],
  ['updating', {}, update('a')],
  ['updating', { sha: 'c' }, update('c')],
  ['failed', {}, nothing],
  ['failed', { sha: 'b' }, provision('b')],
  ['failed', { sha: 'b', deployed: true }, update('b')],
  ['failed', { reason: namespaceMissing, deployed: true }, provision('a')],
  ['failed', { reason: namespaceTerminating, deployed: true }, provision('a')],
  ['failed', { reason: namespaceStuck, deployed: true }, provision('a')],
  ['failed', { reason: retryAsked }, provision('a')],
  ['failed', { reason: foreignObject }, { kind: 'reclaim', commitSha: 'a' }],
  ['failed', { reason: foreignObject, sha: 'b' }, provision('b')],
  ['pending', { state: 'closed' }, teardown],
  ['provisioning', { state: 'closed' }, teardown],
  ['ready', { state: 'closed' }, teardown],
  ['updating', { state: 'closed', sha: 'b' }, teardown],
  ['failed', { state: 'closed' }, teardown],
  ['destroying', { state: 'closed' }, teardown],
  ['destroyed', { state: 'closed' }, nothing],
] as const)('%s and wanted %j → %j', (status, wanted, plan) => {
  expect(decided(status, wanted)).toEqual(plan);
});

test('a generation that ended is never brought back', () => {
  expect(decided('destroying', {})).toEqual(nothing);
  expect(decided('destroyed', {})).toEqual(nothing);
  expect(decided('destroyed', { sha: 'b' })).toEqual(nothing);
});

test('what is found of a destroyed environment is cleared; of a living one it is its own', () => {
  expect(decided('destroyed', { state: 'closed', leftovers: true })).toEqual({ kind: 'clear' });
  expect(decided('ready', { leftovers: true })).toEqual(verify);
});
