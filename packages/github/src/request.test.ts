import type { EphemeraError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { githubError } from './request.ts';

const now = new Date('2026-01-01T00:00:00Z');
const inSeconds = (seconds: number) => String(now.getTime() / 1000 + seconds);

/** What Octokit throws for an answer. */
function answered(status: number, headers: Record<string, string> = {}, message = 'No.'): Error {
  return Object.assign(new Error(message), { status, response: { headers } });
}

const errorOf = (thrown: unknown): EphemeraError => githubError('reading acme/shop#1', thrown, now);

test.each([
  [401, 'github.unauthorized', false],
  [403, 'github.forbidden', false],
  [404, 'github.not_found', false],
  [410, 'github.not_found', false],
  [422, 'github.invalid', false],
  [429, 'github.rate_limited', true],
  [500, 'github.unavailable', true],
  [502, 'github.unavailable', true],
  [503, 'github.unavailable', true],
])('the answer %i is %s (retryable: %s)', (status, code, retryable) => {
  expect(errorOf(answered(status))).toMatchObject({ code, retryable });
});

test.each([
  ['403 with retry-after', answered(403, { 'retry-after': '7' }), 7_000],
  ['429 with retry-after', answered(429, { 'retry-after': '30' }), 30_000],
  [
    '403 with an empty budget',
    answered(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(90) }),
    90_000,
  ],
  ['a reset that is over', answered(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(-5) }), 1_000],
  ['a secondary limit', answered(403, {}, 'You have exceeded a secondary rate limit.'), 60_000],
  ['429 without a time', answered(429), 60_000],
  ['an empty budget without a reset', answered(403, { 'x-ratelimit-remaining': '0' }), 60_000],
  ['a retry-after that is no number', answered(429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }), 60_000],
])('%s is a rate limit that says when to come back', (_what, thrown, retryAfterMs) => {
  expect(errorOf(thrown)).toMatchObject({
    code: 'github.rate_limited',
    retryable: true,
    details: { retryAfterMs },
  });
});

test('403 with budget left is a missing right, not a rate limit', () => {
  expect(errorOf(answered(403, { 'x-ratelimit-remaining': '4000' }))).toMatchObject({ code: 'github.forbidden' });
});

test('the end of a budget is counted on the clock of GitHub, not on ours', () => {
  const theirs = new Date(now.getTime() - 600_000);
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(0), date: theirs.toUTCString() };
  expect(errorOf(answered(403, headers))).toMatchObject({ details: { retryAfterMs: 600_000 } });
});

const notAccessible = 'Resource not accessible by integration';

test.each([
  ['POST', '/repos/acme/shop/statuses/abc', {}, 'statuses: write'],
  ['POST', '/repos/acme/shop/issues/1/comments', {}, 'pull_requests: write'],
  ['PATCH', '/repos/acme/shop/check-runs/1', {}, 'checks: write'],
  ['GET', '/repos/acme/shop/pulls', {}, 'pull_requests: read'],
  [
    'POST',
    '/repos/acme/shop/issues/1/comments',
    { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' },
    'issues: write or pull_requests: write',
  ],
  ['POST', '/x/statuses/abc', { 'x-accepted-github-permissions': '<b>anything</b>' }, 'statuses: write'],
])('a missing permission is named: %s %s with %j lacks %s', (method, url, headers, permission) => {
  const thrown = Object.assign(answered(403, headers, notAccessible), { request: { method, url } });
  expect(errorOf(thrown)).toMatchObject({
    code: 'github.permission_missing',
    retryable: false,
    details: { permission },
  });
});

test('with a waiting time, the same words are a rate limit', () => {
  expect(errorOf(answered(403, { 'retry-after': '5' }, notAccessible))).toMatchObject({ code: 'github.rate_limited' });
});

test('a suspended installation is an error of its own kind', () => {
  expect(errorOf(answered(403, {}, 'This installation has been suspended'))).toMatchObject({
    code: 'github.suspended',
  });
});

test.each([
  ['a refused connection', Object.assign(new Error('fetch failed'), { status: 500 })],
  ['a deadline', new DOMException('The operation timed out', 'TimeoutError')],
  ['a text', 'odd'],
])('%s means that GitHub was not reached, and trying again may help', (_what, thrown) => {
  expect(errorOf(thrown)).toMatchObject({ code: 'github.unreachable', retryable: true });
});

test('every error says what was being done', () => {
  for (const thrown of [answered(401), answered(403), answered(404), answered(422), answered(429), answered(500), ''])
    expect(errorOf(thrown).message).toContain('reading acme/shop#1');
});
