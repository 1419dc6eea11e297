import type { SandboxInfo } from '@ephemera/sandbox';
import { expect, test } from 'vitest';
import type { SandboxRow } from '../store/schema.ts';
import { planSandbox } from './sandbox-plan.ts';

const now = new Date('2030-01-01T12:00:00Z');
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
const graceMs = 10 * 60_000;

const row = (change: Partial<SandboxRow> = {}): SandboxRow => ({
  id: 'sandbox-0123456789',
  account: 'token:1',
  madeBy: 'token ci',
  namespace: 'default',
  name: null,
  image: 'busybox:1',
  readyAt: minutes(-60),
  settlesAt: minutes(-60),
  expiresAt: minutes(30),
  endedAt: null,
  createdAt: minutes(-60),
  ...change,
});
const info = (change: Partial<SandboxInfo> = {}): SandboxInfo => ({
  id: 'sandbox-0123456789',
  image: 'busybox:1',
  namespace: 'default',
  state: 'running',
  createdAt: minutes(-60).toISOString(),
  expiresAt: minutes(30).toISOString(),
  metadata: {},
  ...change,
});
const being = { readyAt: null, settlesAt: minutes(0.2) };
const leftBehind = { readyAt: null, settlesAt: minutes(-0.2) };
const overInCluster = info({ expiresAt: minutes(-11).toISOString() });

test.each([
  ['one that runs', row(), info(), { do: 'nothing' }],
  ['one that is gone', row(), undefined, { do: 'forget' }],
  ['one that is being made', row(being), info({ state: 'starting' }), { do: 'nothing' }],
  ['one that is being made, and not there yet', row(being), undefined, { do: 'nothing' }],
  ['one whose maker is silent, before anything was made', row(leftBehind), undefined, { do: 'forget' }],
  [
    'one whose maker is silent',
    row(leftBehind),
    info(),
    { do: 'remove', kind: 'unfinished_sandbox', because: expect.any(String) },
  ],
  [
    'one that came to nothing, and was left',
    row({ ...being, endedAt: minutes(-1) }),
    info(),
    { do: 'remove', kind: 'unfinished_sandbox', because: expect.any(String) },
  ],
  ['one that has ended', row(), info({ state: 'ended' }), { do: 'note_end' }],
  ['one that ended a moment ago', row({ endedAt: minutes(-5) }), info({ state: 'ended' }), { do: 'nothing' }],
  [
    'one that ended long ago',
    row({ endedAt: minutes(-11) }),
    info({ state: 'ended' }),
    { do: 'remove', kind: 'expired_sandbox', because: expect.any(String) },
  ],
  [
    'one whose time is over, as both say',
    row({ expiresAt: minutes(-11) }),
    overInCluster,
    { do: 'remove', kind: 'expired_sandbox', because: expect.any(String) },
  ],
  [
    'one whose time is over within the grace',
    row({ expiresAt: minutes(-9) }),
    info({ expiresAt: minutes(-9).toISOString() }),
    { do: 'nothing' },
  ],
  [
    'one that was extended without the database',
    row({ expiresAt: minutes(-11) }),
    info(),
    { do: 'note_expiry', expiresAt: minutes(30).toISOString() },
  ],
  [
    'one whose end only the cluster has passed',
    row(),
    overInCluster,
    { do: 'note_expiry', expiresAt: minutes(-11).toISOString() },
  ],
  [
    'one of which the cluster does not say when it ends',
    row({ expiresAt: minutes(-11) }),
    info({ expiresAt: '' }),
    { do: 'nothing' },
  ],
])('%s', (_what, seenRow, seenInfo, plan) => {
  expect(planSandbox({ row: seenRow, info: seenInfo, now, graceMs })).toEqual(plan);
});

test.each([
  ['what runs is removed', row(), info(), 'remove'],
  ['what has ended is left to the cluster', row({ endedAt: minutes(-5) }), info({ state: 'ended' }), 'nothing'],
  ['what is gone is forgotten', row(), undefined, 'forget'],
  ['what is being made is left to its maker', row(being), undefined, 'nothing'],
])('of a revoked token %s', (_what, seenRow, seenInfo, todo) => {
  expect(planSandbox({ row: seenRow, info: seenInfo, now, graceMs, isRevoked: true }).do).toBe(todo);
});
