import { expect, test } from 'vitest';
import { checkOrder, expiryAfter } from './order.ts';
import { grants, isScope, scopes } from './scope.ts';

const order = { name: 'ci', scopes: ['environments:read'] };

test.each([
  ['an unknown scope', { ...order, scopes: ['environments:read', 'root'] }, 'there is no scope "root"'],
  ['no scope', { ...order, scopes: [] }, 'it has no scope'],
  ['an empty name', { ...order, name: '' }, '"" is no name'],
  ['a name with control characters', { ...order, name: 'a\u001b[2J' }, 'is no name'],
  ['a name of 65 characters', { ...order, name: 'a'.repeat(65) }, 'is no name'],
  ['a repository without owner', { ...order, repositories: ['shop'] }, '"shop" is no repository'],
  ['an image with a blank', { ...order, images: ['docker:24 dind'] }, '"docker:24 dind" is no image'],
  ['a namespace with a slash', { ...order, namespaces: ['a/b'] }, '"a/b" is no name of a namespace'],
])('a token with %s is refused with what is wrong', (_what, wrong, problem) => {
  expect(() => checkOrder(wrong)).toThrow(problem);
});

test('without repositories, namespaces and images a token is for all of them', () => {
  expect(checkOrder({ ...order, repositories: [], images: [], scopes: ['admin', 'admin'] })).toEqual({
    name: 'ci',
    scopes: ['admin'],
    repositories: null,
    namespaces: null,
    images: null,
    expiresAt: null,
  });
});

test.each([
  ['45m', '2026-01-01T00:45:00.000Z'],
  ['12h', '2026-01-01T12:00:00.000Z'],
  ['90d', '2026-04-01T00:00:00.000Z'],
  ['2w', '2026-01-15T00:00:00.000Z'],
])('%s from the beginning of 2026 ends at %s', (text, end) => {
  expect(expiryAfter(text, new Date('2026-01-01T00:00:00Z')).toISOString()).toBe(end);
});

test.each(['', '90', 'd', '0d', '-1d', '1.5h', '90 d', '1y', '99999999w', '1d1h'])(
  '%j is refused as a time to live',
  (text) => {
    expect(() => expiryAfter(text, new Date())).toThrow(/is no time/);
  },
);

test('admin grants every scope, and no other scope grants another one', () => {
  for (const needed of scopes) {
    expect(grants(['admin'], needed)).toBe(true);
    expect(scopes.filter((scope) => grants([scope], needed))).toEqual(
      needed === 'admin' ? ['admin'] : [needed, 'admin'],
    );
  }
  expect(isScope('environments')).toBe(false);
});
