import { expect, test } from 'vitest';
import { parsePullRequestKey, pullRequestKey } from './transition.ts';

test('the key of a pull request is its repository’s id and its number', () => {
  expect(pullRequestKey(42, 12)).toBe('42/12');
  expect(parsePullRequestKey('42/12')).toEqual({ repositoryId: 42, prNumber: 12 });
});

test.each(['', '42', 'acme/shop', '42/1.5', '42/1e400'])('%j is not the key of a pull request', (key) => {
  expect(() => parsePullRequestKey(key)).toThrow('not the key of a pull request');
});
