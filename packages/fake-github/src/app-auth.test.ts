import { createSign, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { get, matching, shop, test } from '../test/fixture.ts';
import { type FakeGitHub, startFakeGitHub } from './index.ts';

const now = () => Math.floor(Date.now() / 1000);

/** A JWT with claims that Octokit would not make. */
function jwt(github: FakeGitHub, claims: object, options: { key?: string; alg?: string } = {}): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const usual = { iss: github.settings.GITHUB_APP_ID, iat: now() - 30, exp: now() + 300 };
  const text = `${encode({ alg: options.alg ?? 'RS256' })}.${encode({ ...usual, ...claims })}`;
  const key = options.key ?? readFileSync(github.settings.GITHUB_APP_PRIVATE_KEY_PATH, 'utf8');
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}

test('Octokit gets in as the App and as its installation', async ({ github, octokit }) => {
  const app = await octokit.app('GET /app');
  expect(app.data).toMatchObject({ id: Number(github.settings.GITHUB_APP_ID), slug: 'ephemera-fake' });
  const installations = await octokit.app('GET /app/installations');
  expect(installations.data).toMatchObject([{ account: { login: 'acme' }, app_slug: 'ephemera-fake' }]);
  const one = await octokit.app('GET /app/installations/{installation_id}', {
    installation_id: installations.data[0]?.id ?? 0,
  });
  expect(one.data).toEqual(installations.data[0]);
  const repositories = await octokit.shop('GET /installation/repositories');
  expect(repositories.data).toMatchObject({ total_count: 1, repositories: [{ full_name: 'acme/shop' }] });
});

test('a JWT is refused for each thing that can be wrong with it', async ({ github }) => {
  const strange = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  });
  const ask = (token: string) => get(github, '/app', `Bearer ${token}`);
  expect(await ask(jwt(github, {}))).toMatchObject({ status: 200 });
  expect(await ask(jwt(github, { exp: now() + 660 }))).toMatchObject({
    status: 401,
    message: matching(/too far in the future/),
  });
  expect(await ask(jwt(github, { exp: now() - 1 }))).toMatchObject({ status: 401, message: matching(/'exp'/) });
  expect(await ask(jwt(github, { iat: now() + 60 }))).toMatchObject({ status: 401, message: matching(/'iat'/) });
  expect(await ask(jwt(github, { iss: '1' }))).toMatchObject({ status: 401, message: 'Integration not found' });
  expect(await ask(jwt(github, {}, { key: strange }))).toMatchObject({
    status: 401,
    message: matching(/decoded/),
  });
  expect(await ask(jwt(github, {}, { alg: 'none' }))).toMatchObject({ status: 401, message: matching(/decoded/) });
  expect(await ask('a.b.c')).toMatchObject({ status: 401, message: matching(/decoded/) });
});

test('nobody, a stranger and the App itself do not see a repository', async ({ github, octokit }) => {
  expect((await octokit.app('GET /app')).status).toBe(200);
  expect(await get(github, '/repos/acme/shop')).toEqual({ status: 401, message: 'Requires authentication' });
  expect(await get(github, '/repos/acme/shop', 'token ghs_wrong')).toEqual({ status: 401, message: 'Bad credentials' });
  expect(await get(github, '/repos/acme/shop', `Bearer ${jwt(github, {})}`)).toMatchObject({ status: 401 });
});

test('a token reaches the repositories and rights that it was asked for, and no others', async ({
  github,
  octokit,
}) => {
  const other = await github.repository({ owner: 'acme', name: 'other' });
  await github.repository({ owner: 'somebody', name: 'else' });
  await octokit.repository.open({ head: 'feat/cart' });
  const { data: installation } = await octokit.app('GET /repos/{owner}/{repo}/installation', shop);
  const issue = async (limits: object) => {
    const { status, data } = await octokit.app('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: installation.id,
      ...limits,
    });
    expect({ status, data }).toMatchObject({ status: 201, data: { token: matching(/^ghs_/) } });
    return { ...data, authorization: `token ${data.token}` };
  };

  const narrow = await issue({ repository_ids: [other.id], permissions: { contents: 'read' } });
  expect(narrow).toMatchObject({
    repository_selection: 'selected',
    permissions: { contents: 'read', metadata: 'read' },
    repositories: [{ full_name: 'acme/other' }],
  });
  const inAnHour = Date.parse(narrow.expires_at) - Date.now();
  expect(inAnHour).toBeGreaterThan(3_590_000);
  expect(inAnHour).toBeLessThanOrEqual(3_600_000);
  expect(await get(github, '/repos/acme/other', narrow.authorization)).toMatchObject({ status: 200 });
  expect(await get(github, '/repos/acme/other/pulls', narrow.authorization)).toMatchObject({ status: 403 });
  expect(await get(github, '/repos/acme/shop', narrow.authorization)).toMatchObject({ status: 404 });

  const wide = await issue({});
  expect(wide.repository_selection).toBe('all');
  expect(await get(github, '/repos/acme/shop/pulls/1', wide.authorization)).toMatchObject({ status: 200 });
  expect(await get(github, '/repos/somebody/else', wide.authorization)).toMatchObject({ status: 404 });

  await expect(issue({ repository_ids: [1] })).rejects.toMatchObject({ status: 422 });
  await expect(issue({ permissions: { administration: 'write' } })).rejects.toMatchObject({ status: 422 });
  await expect(issue({ permissions: { contents: 'write' } })).rejects.toMatchObject({ status: 422 });
  await expect(issue({ permissions: { contents: 'all' } })).rejects.toMatchObject({
    status: 422,
    message: matching(/Invalid request/),
  });
});

test('a token ends after an hour', async () => {
  let ahead = 0;
  await using github = await startFakeGitHub({ now: () => new Date(Date.now() + ahead) });
  await github.repository({ owner: 'acme', name: 'shop' });
  const ask = async (path: string, method: string) =>
    fetch(`${github.url}${path}`, { method, headers: { authorization: `Bearer ${jwt(github, {})}` } }).then(
      (response) => response.json() as Promise<{ id: number; token: string }>,
    );
  const { id } = await ask('/repos/acme/shop/installation', 'GET');
  const { token } = await ask(`/app/installations/${id}/access_tokens`, 'POST');
  expect(await get(github, '/repos/acme/shop', `Bearer ${token}`)).toMatchObject({ status: 200 });
  ahead = 3_600_000;
  expect(await get(github, '/repos/acme/shop', `Bearer ${token}`)).toMatchObject({ status: 401 });
});

test('the key is for its owner alone, and gone when the fake stops', async () => {
  const github = await startFakeGitHub({ webhookSecret: 'chosen' });
  const { GITHUB_APP_PRIVATE_KEY_PATH: path, ...others } = github.settings;
  expect(others).toEqual({
    GITHUB_API_URL: github.url,
    GITHUB_APP_ID: '401000',
    GITHUB_WEBHOOK_SECRET: 'chosen',
    OIDC_ISSUER: `${github.url}/oidc`,
  });
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe('700');
  await Promise.all([github.stop(), github.stop()]);
  expect(existsSync(dirname(path))).toBe(false);
  await expect(fetch(github.url)).rejects.toThrow('fetch failed');
});

test('a port that is taken is an error, and leaves no key behind', async ({ github }) => {
  await expect(startFakeGitHub({ port: Number(new URL(github.url).port) })).rejects.toThrow('EADDRINUSE');
});
