import type { OpenPull } from '@ephemera/github';
import { expect, test } from 'vitest';
import { environmentRow, shaOf } from '../../test/environment-row.ts';
import type { Environment } from '../store/schema.ts';
import { comparePulls, type CompareOptions } from './compare-pulls.ts';

const before = new Date('2026-01-01T12:00:00Z');
const listedAt = new Date('2026-01-01T12:00:01Z');
const after = new Date('2026-01-01T12:00:02Z');
const options: CompareOptions = { drafts: 'include', listedAt, inWork: new Set() };

const pull = (change: Partial<OpenPull> = {}): OpenPull => ({
  number: 12,
  headSha: shaOf('a'),
  title: 'Add a cart',
  draft: false,
  authorId: 7,
  ...change,
});
const row = (change: Partial<Environment> = {}) => environmentRow({ updatedAt: before, ...change });
const closed = { wantedState: 'closed', status: 'destroyed' } as const;

test.each<[string, OpenPull[], Environment[], string[]]>([
  ['both agree', [pull()], [row()], []],
  ['nothing on either side', [], [], []],
  ['an open pull request without an environment', [pull()], [], ['missed_open 12']],
  ['one that was reopened', [pull()], [row(closed)], ['missed_open 12']],
  ['one with a newer commit', [pull({ headSha: shaOf('b') })], [row()], ['missed_push 12']],
  ['an environment whose pull request is not listed', [], [row()], ['missed_close 12']],
  ['one that was closed long ago', [], [row(closed)], []],
  ['one that was removed by hand, and is not listed', [], [row({ ...closed, held: true })], ['missed_close 12']],
  ['one that was removed by hand', [pull()], [row({ ...closed, held: true })], []],
  [
    'removed by hand, and pushed since',
    [pull({ headSha: shaOf('b') })],
    [row({ ...closed, held: true })],
    ['missed_open 12'],
  ],
  ['an environment that was written after the list', [], [row({ updatedAt: after })], []],
  ['a pushed one that was written after the list', [pull({ headSha: shaOf('b') })], [row({ updatedAt: after })], []],
  [
    'several',
    [pull({ number: 1 }), pull({ number: 2, headSha: shaOf('b') })],
    [row({ prNumber: 2 }), row({ prNumber: 3 })],
    ['missed_open 1', 'missed_push 2', 'missed_close 3'],
  ],
])('%s', (_what, open, newest, expected) => {
  const found = comparePulls(open, newest, options).map(({ kind, prNumber }) => `${kind} ${prNumber}`);
  expect(found).toEqual(expected);
});

test('a draft is missed only where drafts get environments, and keeps the one that it has', () => {
  const draft = pull({ draft: true, headSha: shaOf('b') });
  expect(comparePulls([draft], [], options)).toMatchObject([{ kind: 'missed_open' }]);
  expect(comparePulls([draft], [], { ...options, drafts: 'skip' })).toEqual([]);
  expect(comparePulls([draft], [row()], { ...options, drafts: 'skip' })).toMatchObject([{ kind: 'missed_push' }]);
});

test('what is going to be looked at anyway was not missed', () => {
  expect(comparePulls([pull()], [row({ prNumber: 3 })], { ...options, inWork: new Set([12, 3]) })).toEqual([]);
});
