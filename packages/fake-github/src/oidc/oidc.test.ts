import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { expect } from 'vitest';
import { aString, control, test } from '../../test/fixture.ts';
import type { FakeGitHub } from '../index.ts';

const audience = 'https://ephemera.example/?a=b&c';

/** As a receiver of tokens does it that knows nothing but the issuer: by its published configuration. */
async function verified(github: FakeGitHub, token: string): Promise<JWTPayload> {
  const { OIDC_ISSUER: issuer } = github.settings;
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  const configuration = (await answer.json()) as { issuer: string; jwks_uri: string };
  expect(configuration.issuer).toBe(issuer);
  const keys = createRemoteJWKSet(new URL(configuration.jwks_uri));
  return (await jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] })).payload;
}

const ask = (url: string, authorization?: string) =>
  fetch(url, { headers: authorization === undefined ? {} : { authorization } });

test('a run of a workflow gets tokens that tell of it, signed with a key that the issuer publishes', async ({
  github,
}) => {
  const shop = await github.repository({ owner: 'acme', name: 'shop', private: true });
  const run = shop.run({ event: 'pull_request', actor: 'octocat' });
  const claims = await verified(github, await run.idToken(audience));
  expect(claims).toMatchObject({
    iss: github.settings.OIDC_ISSUER,
    aud: audience,
    sub: 'repo:acme/shop:pull_request',
    repository: 'acme/shop',
    repository_id: String(shop.id),
    repository_owner: 'acme',
    repository_owner_id: expect.stringMatching(/^\d+$/) as unknown,
    repository_visibility: 'private',
    run_id: String(run.id),
    event_name: 'pull_request',
    actor: 'octocat',
    jti: aString,
  });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  const again = await verified(github, await run.idToken(audience));
  expect(again.jti).not.toBe(claims.jti);
});

test('a token names the repository as it is called when the token is made, under the same id', async ({ github }) => {
  const shop = await github.repository({ owner: 'acme', name: 'shop' });
  const run = shop.run();
  await shop.rename('store');
  expect(await verified(github, await run.idToken(audience))).toMatchObject({
    repository: 'acme/store',
    repository_id: String(shop.id),
    sub: 'repo:acme/store:ref:refs/heads/main',
  });
});

test('the control API starts a run, with claims and a life of its own; only its request token gets a token', async ({
  github,
}) => {
  await github.repository({ owner: 'acme', name: 'shop' });
  const { status, body } = await control(github, 'POST', '/repositories/acme/shop/runs', {
    lifetimeSeconds: -60,
    claims: { repository_id: '1', jti: null },
  });
  expect(status).toBe(201);
  const { request_url: url, request_token: token } = body as { request_url: string; request_token: string };
  expect((await ask(url)).status).toBe(401);
  expect((await ask(url, 'bearer wrong')).status).toBe(401);
  const { value } = (await (await ask(`${url}&audience=here`, `bearer ${token}`)).json()) as { value: string };
  const claims = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
  expect(claims).toMatchObject({ aud: 'here', repository_id: '1' });
  expect(claims.jti).toBeUndefined();
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(-60);
  expect((await ask(url.replace(/\d+(?=\/idtoken)/, '1'), `bearer ${token}`)).status).toBe(404);
  expect(await control(github, 'POST', '/repositories/acme/shop/runs', { event: 'Push!' })).toMatchObject({
    status: 400,
  });
  expect(await control(github, 'POST', '/repositories/acme/nothing/runs', {})).toMatchObject({ status: 404 });
});

test('after a rotation tokens have another key; the one of before stays good until it is forgotten', async ({
  github,
}) => {
  const shop = await github.repository({ owner: 'acme', name: 'shop' });
  const run = shop.run();
  const first = await run.idToken(audience);
  expect(await control(github, 'POST', '/oidc/rotate', {})).toMatchObject({ status: 200 });
  const second = await run.idToken(audience);
  expect(decodeProtectedHeader(second).kid).not.toBe(decodeProtectedHeader(first).kid);
  await verified(github, first);
  await verified(github, second);
  await github.rotateKeys({ forget: true });
  await expect(verified(github, first)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  await verified(github, await run.idToken(audience));
});

test('faults strike the issuer, and what it answered is counted', async ({ github }) => {
  const shop = await github.repository({ owner: 'acme', name: 'shop' });
  github.faults([
    { match: { path: '/oidc/.well-known/jwks' }, fault: { status: 503 }, times: 1 },
    { match: { path: '/oidc/runs/**' }, fault: { drop: true }, times: 1 },
  ]);
  const keys = `${github.settings.OIDC_ISSUER}/.well-known/jwks`;
  expect((await ask(keys)).status).toBe(503);
  expect((await ask(keys)).status).toBe(200);
  await expect(shop.run().idToken()).rejects.toThrow('fetch failed');
  expect(await shop.run().idToken()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(github.requests()).toContainEqual({ method: 'GET', route: '/oidc/.well-known/jwks', count: 2 });
});
