import type { PullRequest } from '@ephemera/github';
import { expect, test } from 'vitest';
import { wishOf } from './wish.ts';

const pull: PullRequest = {
  number: 12,
  state: 'open',
  title: 'Add a cart',
  draft: false,
  merged: false,
  html_url: 'https://github.example/acme/shop/pull/12',
  user: { id: 1, login: 'octocat' },
  head: { sha: 'a'.repeat(40), ref: 'feat/cart', repo: { id: 42 } },
  base: { ref: 'main', repo: { id: 42, name: 'shop', full_name: 'acme/shop' } },
};
const open = { state: 'open', sha: 'a'.repeat(40), branch: 'feat/cart', title: 'Add a cart', isFork: false };

test('an open pull request wants its head commit', () => {
  expect(wishOf(pull, { drafts: 'include', exists: false })).toEqual(open);
});

test.each([true, false])('a closed one wants nothing, also as a draft (merged: %s)', (merged) => {
  const closed = { ...pull, state: 'closed', merged, draft: true } as const;
  expect(wishOf(closed, { drafts: 'skip', exists: true })).toEqual({ state: 'closed', merged, sha: 'a'.repeat(40) });
});

test('a draft gets an environment, unless DRAFTS is skip', () => {
  const draft = { ...pull, draft: true };
  expect(wishOf(draft, { drafts: 'include', exists: false })).toEqual(open);
  expect(wishOf(draft, { drafts: 'skip', exists: false })).toMatchObject({ state: 'leave' });
});

test('converting to a draft keeps what exists, and pushes to it still count', () => {
  expect(wishOf({ ...pull, draft: true }, { drafts: 'skip', exists: true })).toEqual(open);
});

test('a head in another repository is a fork, by the repository’s id and whatever its name is', () => {
  const fork = { ...pull, head: { ...pull.head, repo: { id: 43 } } };
  expect(wishOf(fork, { drafts: 'include', exists: false })).toMatchObject({ isFork: true });
});

test('a head whose repository is gone counts as a fork', () => {
  const orphan = { ...pull, head: { ...pull.head, repo: null } };
  expect(wishOf(orphan, { drafts: 'include', exists: false })).toMatchObject({ isFork: true });
});

test('what was removed by hand stays away until something is pushed, and is still closed with its pull request', () => {
  const held = { drafts: 'include', exists: false, held: pull.head.sha } as const;
  expect(wishOf(pull, held)).toMatchObject({ state: 'leave', reason: expect.stringContaining('by hand') as unknown });
  expect(wishOf(pull, { ...held, held: 'b'.repeat(40) })).toEqual(open);
  expect(wishOf({ ...pull, state: 'closed' }, held)).toMatchObject({ state: 'closed' });
});
