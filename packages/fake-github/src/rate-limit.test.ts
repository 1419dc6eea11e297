import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { aString, control, matching, shop, test } from '../test/fixture.ts';
import { issueToken } from './app-auth.ts';
import { createBudget } from './rate-limit.ts';
import { install } from './installations.ts';
import { createWorld, userNamed } from './world.ts';

const read = 'GET /repos/{owner}/{repo}';

test('requests are counted against the rate limit, those answered with 304 and the question itself are not', async ({
  octokit,
}) => {
  const left = async () => (await octokit.shop('GET /rate_limit')).data.resources.core.remaining;
  expect(await left()).toBe(15_000);
  const { headers } = await octokit.shop(read, shop);
  expect(headers).toMatchObject({
    'x-ratelimit-limit': '15000',
    'x-ratelimit-remaining': '14999',
    'x-github-request-id': aString,
  });
  const again = octokit.shop(read, { ...shop, headers: { 'if-none-match': headers.etag } });
  await expect(again).rejects.toMatchObject({ status: 304 });
  expect(await left()).toBe(14_999);
});

test('a strong tag is recognised as the weak one that it was', async ({ octokit }) => {
  const { headers } = await octokit.shop('GET /repos/{owner}/{repo}/pulls', shop);
  expect(headers.etag).toMatch(/^W\/"/);
  const strong = headers.etag?.slice('W/'.length);
  const again = octokit.shop('GET /repos/{owner}/{repo}/pulls', { ...shop, headers: { 'if-none-match': strong } });
  await expect(again).rejects.toMatchObject({ status: 304 });
});

test('an installation that has used up its limit is refused until the limit is lifted', async ({ github, octokit }) => {
  await octokit.shop(read, shop);
  github.limit({ remaining: 1, resetInMs: 60_000 });
  expect((await octokit.shop(read, shop)).headers).toMatchObject({ 'x-ratelimit-remaining': '0' });
  await expect(octokit.shop(read, shop)).rejects.toMatchObject({
    status: 403,
    message: matching(/^API rate limit exceeded for installation ID \d+\./),
    response: { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': matching(/^\d{10}$/) } },
  });
  expect((await octokit.shop('GET /rate_limit')).data.rate.remaining).toBe(0);
  expect((await octokit.app('GET /app')).status).toBe(200);
  github.liftLimit();
  expect((await octokit.shop(read, shop)).status).toBe(200);
});

test('the limit is set over HTTP, also with the other status', async ({ github, octokit }) => {
  expect(await control(github, 'PUT', '/limit', { remaining: 0, status: 429 })).toMatchObject({ status: 200 });
  await expect(octokit.shop(read, shop)).rejects.toMatchObject({ status: 429 });
  expect(await control(github, 'PUT', '/limit', { remaining: -1 })).toMatchObject({
    status: 400,
    body: { error: matching(/remaining: /) },
  });
  expect(await control(github, 'DELETE', '/limit')).toMatchObject({ status: 200 });
  expect((await octokit.shop(read, shop)).status).toBe(200);
});

test('a limit ends by itself', () => {
  let now = new Date('2026-01-01T10:30:00Z');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const world = createWorld({ now: () => now, origin: () => 'http://fake', publicKey });
  const budget = createBudget(world);
  const installation = install(world, userNamed(world, 'acme'));
  const caller = issueToken(world, installation, { permissions: undefined, repositories: undefined });
  budget.spend(caller);
  budget.limit({ remaining: 0, resetInMs: 7_500 });
  expect(budget.rate(caller)).toMatchObject({ remaining: 0, reset: Date.parse('2026-01-01T10:30:08Z') / 1000 });
  expect(() => budget.admit(caller)).toThrow('API rate limit exceeded');
  now = new Date('2026-01-01T10:30:08Z');
  expect(() => budget.admit(caller)).not.toThrow();
  expect(budget.rate(caller)).toMatchObject({ used: 1, reset: Date.parse('2026-01-01T11:00:00Z') / 1000 });
  now = new Date('2026-01-01T11:00:00Z');
  budget.spend(caller);
  expect(budget.rate(caller)).toMatchObject({ used: 1 });
});
