import { expect } from 'vitest';
import { aNumber, control, matching, shop, test } from '../../test/fixture.ts';
import type { FaultInput } from '../index.ts';

const statuses = '/repos/*/*/statuses/*';
const read = 'GET /repos/{owner}/{repo}';
/** What fetch says of a connection that ended without an answer. */
const broken = /fetch failed|ECONNRESET|other side closed/;

test('a request fails with the status, the headers and the body that were asked for', async ({ github, octokit }) => {
  github.faults([
    {
      match: { path: '/repos/acme/shop' },
      fault: { status: 503, headers: { 'x-why': 'outage' }, body: 'out' },
      times: 1,
    },
    { match: { path: '/repos/acme/shop' }, fault: { status: 502, body: { message: 'bad gateway' } }, times: 1 },
  ]);
  await expect(octokit.shop(read, shop)).rejects.toMatchObject({
    status: 503,
    response: { headers: { 'x-why': 'outage' }, data: 'out' },
  });
  await expect(octokit.shop(read, shop)).rejects.toMatchObject({
    status: 502,
    response: { data: { message: 'bad gateway' } },
  });
  expect((await octokit.shop(read, shop)).status).toBe(200);
  expect(github.faultsInForce().map(({ struck }) => struck)).toEqual([1, 1]);
});

test('a secondary limit is a 403 that says when to come back, in the words of GitHub', async ({ github, octokit }) => {
  const pull = await octokit.repository.open({ head: 'feat/cart' });
  github.faults([
    { match: { method: 'POST', path: statuses }, fault: { status: 403, headers: { 'retry-after': '7' } } },
  ]);
  const write = () =>
    octokit.shop('POST /repos/{owner}/{repo}/statuses/{sha}', { ...shop, sha: pull.sha(), state: 'success' });
  await expect(write()).rejects.toMatchObject({
    status: 403,
    message: matching(/secondary rate limit/),
    response: { headers: { 'retry-after': '7' } },
  });
  expect(pull.view().statuses).toEqual([]);
  expect(github.writes()).toMatchObject([{ status: 403, method: 'POST', installationId: aNumber }]);
  expect(github.clearFaults()).toMatchObject([{ struck: 1 }]);
  expect((await write()).status).toBe(201);
});

test('a connection that is reset has no effect, and one that is dropped has it without an answer', async ({
  github,
  octokit,
}) => {
  const pull = await octokit.repository.open({ head: 'feat/cart' });
  const write = (description: string) =>
    octokit.shop('POST /repos/{owner}/{repo}/statuses/{sha}', {
      ...shop,
      sha: pull.sha(),
      state: 'success',
      description,
      context: 'ephemera/environment',
    });
  github.faults([
    { match: { path: statuses }, fault: { reset: true }, times: 1 },
    { match: { path: statuses }, fault: { drop: true }, times: 1 },
  ]);
  await expect(write('reset')).rejects.toThrow(broken);
  expect(pull.view().statuses).toEqual([]);
  await expect(write('dropped')).rejects.toThrow(broken);
  expect(pull.view().statuses).toMatchObject([{ description: 'dropped' }]);
  await write('answered');
  expect(github.writes().map(({ status }) => status)).toEqual([201, 201]);
});

test('a slow answer comes, and a fake that stops does not wait for it', async ({ github, octokit }) => {
  github.faults([
    { match: { path: '/app' }, fault: { delayMs: 60 }, times: 1 },
    { match: { path: '/app' }, fault: { delayMs: 600_000 } },
  ]);
  const started = performance.now();
  expect((await octokit.app('GET /app')).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(55);
  const never = octokit.app('GET /app').then(
    () => 'answered',
    () => 'broken off',
  );
  await expect.poll(() => github.faultsInForce()[1]?.struck, { timeout: 5_000, interval: 5 }).toBe(1);
  await github.stop();
  expect(await never).not.toBe('answered');
});

test('faults meet a request by the id of its repository too', async ({ github, octokit }) => {
  github.faults([{ match: { path: '/repos/acme/shop/pulls' }, fault: { status: 500 } }]);
  const byId = octokit.shop(`GET /repositories/${octokit.repository.id}/pulls`, { per_page: 1 });
  await expect(byId).rejects.toMatchObject({ status: 500 });
});

test('the control API puts faults in force, shows how often each struck, and clears them', async ({
  github,
  octokit,
}) => {
  const list: FaultInput[] = [{ match: { path: '/app' }, fault: { status: 500 }, times: 2 }];
  expect(await control(github, 'PUT', '/faults', list)).toMatchObject({ status: 200, body: [{ struck: 0 }] });
  await expect(octokit.app('GET /app')).rejects.toMatchObject({ status: 500 });
  expect((await control(github, 'GET', '/faults')).body).toEqual([{ ...list[0], struck: 1 }]);
  expect(await control(github, 'PUT', '/faults', [{ match: {}, fault: { status: 500 } }])).toMatchObject({
    status: 400,
    body: { code: 'fake_github.bad_input' },
  });
  expect((await control(github, 'GET', '/faults')).body).toMatchObject([{ struck: 1 }]);
  expect(await control(github, 'DELETE', '/faults')).toEqual({ status: 200, body: [] });
  expect((await octokit.app('GET /app')).status).toBe(200);
});
