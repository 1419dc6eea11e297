import { expect } from 'vitest';
import { aNumber, aString, control, get, matching, shop, test } from '../test/fixture.ts';
import type { request } from '@octokit/request';
import type { FakeGitHub } from './index.ts';

const deadline = { timeout: 5_000, interval: 10 };
const read = 'GET /repos/{owner}/{repo}';

/** A token outside Octokit's cache, which tries a 401 again for seconds. */
async function authorization(github: FakeGitHub, octokit: { app: typeof request }): Promise<string> {
  const { data } = await octokit.app('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: github.installation('acme').view().id ?? 0,
  });
  return `token ${data.token}`;
}

test('repositories of two owners belong to two installations, listed in pages', async ({ github, octokit }) => {
  await github.repository({ owner: 'acme', name: 'second' });
  await github.repository({ owner: 'globex', name: 'own' });
  const page = (number: number) => octokit.app('GET /app/installations', { per_page: 1, page: number });
  const first = await page(1);
  expect(first.data).toMatchObject([{ account: { login: 'acme' }, suspended_at: null }]);
  expect(first.headers.link).toContain('rel="next"');
  expect((await page(2)).data).toMatchObject([{ account: { login: 'globex' } }]);
  const visible = await octokit.shop('GET /installation/repositories', { per_page: 1, page: 2 });
  expect(visible.data).toMatchObject({ total_count: 2, repositories: [{ full_name: 'acme/second' }] });
});

test('a suspended installation is refused and hears nothing until it is unsuspended', async ({
  github,
  octokit,
  receiver,
}) => {
  await octokit.shop(read, shop);
  const installation = github.installation('acme');
  const id = installation.view().id ?? 0;
  expect(await installation.suspend()).toMatchObject({ id, state: 'suspended' });
  await expect(octokit.shop(read, shop)).rejects.toMatchObject({ status: 403, message: matching(/suspended/) });
  const issue = () => octokit.app('POST /app/installations/{installation_id}/access_tokens', { installation_id: id });
  await expect(issue()).rejects.toMatchObject({
    status: 403,
    message: matching(/This installation has been suspended/),
  });
  const shown = await octokit.app('GET /app/installations/{installation_id}', { installation_id: id });
  expect(shown.data).toMatchObject({ suspended_at: aString, suspended_by: { login: 'acme' } });
  const pull = await octokit.repository.open({ head: 'unheard' });
  expect(pull.view().deliveries).toEqual([]);
  await expect(installation.suspend()).rejects.toThrow('is suspended and cannot suspend');

  expect(await installation.unsuspend()).toMatchObject({ id, state: 'active' });
  expect((await octokit.shop(read, shop)).status).toBe(200);
  await expect.poll(() => github.deliveries().map(({ action }) => action), deadline).toEqual(['suspend', 'unsuspend']);
  await expect.poll(() => receiver.received.length, deadline).toBe(2);
  expect(receiver.received.map(({ payload }) => payload['installation'])).toMatchObject([{ id }, { id }]);
});

test('a removed installation is not found, its tokens end, and the next has another id', async ({
  github,
  octokit,
  receiver,
}) => {
  const token = await authorization(github, octokit);
  const installation = github.installation('acme');
  const id = installation.view().id ?? 0;
  expect(await installation.remove()).toMatchObject({ id: null, state: 'removed' });
  expect(await get(github, '/repos/acme/shop', token)).toEqual({ status: 401, message: 'Bad credentials' });
  const shown = octokit.app('GET /app/installations/{installation_id}', { installation_id: id });
  await expect(shown).rejects.toMatchObject({ status: 404 });
  expect((await octokit.app('GET /app/installations')).data).toEqual([]);
  await github.repository({ owner: 'acme', name: 'later' });
  expect(installation.view().state).toBe('removed');
  await expect(installation.suspend()).rejects.toThrow('is removed and cannot suspend');

  const again = await installation.install();
  expect(again).toMatchObject({ id: aNumber, state: 'active' });
  expect(again.id).not.toBe(id);
  await expect(installation.install()).rejects.toThrow('is active and cannot install');
  await expect.poll(() => receiver.received.length, deadline).toBe(2);
  const created = receiver.received.find(({ payload }) => payload['action'] === 'created');
  expect(created?.payload).toMatchObject({
    installation: { id: again.id, account: { login: 'acme' } },
    repositories: [{ full_name: 'acme/shop' }, { full_name: 'acme/later' }],
  });
});

test('a right that is taken away is missing at once, and announced', async ({ github, octokit, receiver }) => {
  const pull = await octokit.repository.open({ head: 'feat/cart' });
  const check = () =>
    octokit.shop('POST /repos/{owner}/{repo}/check-runs', { ...shop, name: 'ephemera', head_sha: pull.sha() });
  expect((await check()).status).toBe(201);
  const installation = github.installation('acme');
  await installation.permissions({ checks: 'none' });
  await expect(check()).rejects.toMatchObject({
    status: 403,
    message: matching(/^Resource not accessible by integration/),
  });
  expect((await octokit.shop(read, shop)).status).toBe(200);
  expect((await octokit.app('GET /app')).data).toMatchObject({ permissions: { checks: 'write' } });
  await installation.permissions({ checks: 'read' });
  await expect(check()).rejects.toMatchObject({ status: 403 });
  await installation.permissions({ checks: 'write', deployments: 'write' });
  expect((await check()).status).toBe(201);
  await installation.permissions({ checks: 'write' });
  expect((await octokit.app('GET /app')).data).toMatchObject({ permissions: { deployments: 'write' } });

  await expect.poll(() => receiver.received.length, deadline).toBe(4);
  const told = receiver.received.filter(({ payload }) => payload['action'] === 'new_permissions_accepted');
  expect(told.map(({ payload }) => payload['installation'])).toHaveLength(3);
  expect(installation.view().permissions).toMatchObject({ checks: 'write', deployments: 'write', metadata: 'read' });
});

test('revoked tokens are refused, and new ones work', async ({ github, octokit }) => {
  const ask = async (token: string) => (await get(github, '/repos/acme/shop', token)).status;
  const first = await authorization(github, octokit);
  expect(await ask(first)).toBe(200);
  github.revokeTokens();
  expect(await ask(first)).toBe(401);
  const second = await authorization(github, octokit);
  expect(await ask(second)).toBe(200);
  expect(await control(github, 'POST', '/tokens/revoke')).toMatchObject({ status: 200 });
  expect(await ask(second)).toBe(401);
});

test('the control API changes installations and says what it refuses', async ({ github }) => {
  await control(github, 'POST', '/repositories', { owner: 'acme', name: 'shop' });
  const act = (action: string, body?: object) => control(github, 'POST', `/installations/acme/${action}`, body);
  expect(await act('suspend')).toMatchObject({ status: 200, body: { account: 'acme', state: 'suspended' } });
  expect(await act('suspend')).toMatchObject({ status: 409, body: { code: 'fake_github.wrong_installation_state' } });
  expect(await act('unsuspend')).toMatchObject({ status: 200, body: { state: 'active' } });
  const refusals: [object, RegExp][] = [
    [{}, /at least one/],
    [{ cheks: 'none' }, /cheks: is not a permission/],
    [{ checks: 'all' }, /checks: must be none, read, write/],
    [{ metadata: 'none' }, /metadata: cannot be taken away/],
  ];
  for (const [body, error] of refusals) {
    expect(await act('permissions', body)).toMatchObject({ status: 400, body: { error: matching(error) } });
  }
  expect(await act('remove')).toMatchObject({ status: 200, body: { id: null, state: 'removed' } });
  expect(await act('permissions', { checks: 'none' })).toMatchObject({ status: 409 });
  expect(await act('install')).toMatchObject({ status: 200, body: { state: 'active' } });
  expect((await control(github, 'GET', '/installations')).body).toMatchObject([{ account: 'acme', state: 'active' }]);
  expect(await control(github, 'POST', '/installations/a..b/suspend')).toMatchObject({ status: 400 });
});
