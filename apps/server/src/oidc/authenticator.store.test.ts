import { createHmac, generateKeyPairSync } from 'node:crypto';
import { startFakeGitHub, type FakeGitHub, type WorkflowRunInput } from '@ephemera/fake-github';
import { createLocalJWKSet, exportSPKI, SignJWT, type JSONWebKeySet } from 'jose';
import { expect } from 'vitest';
import { test as base } from '../../test/with-github.ts';
import { startApp, type TestApp } from '../../test/app.ts';
import { githubOf } from '../../test/observing.ts';
import { audience, workflowsOf } from '../../test/workflows.ts';
import { openDatabase } from '../store/database.ts';

const keysPath = '/oidc/.well-known/jwks';

interface Fixture {
  server: TestApp;
  /** A token for this server, from a run in `acme/shop`. */
  token: (input?: WorkflowRunInput) => Promise<string>;
  /** What an address that takes any good token answers. */
  ask: (token: string, url?: string) => Promise<Answered>;
}

interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: string;
  readonly challenge: unknown;
}

const test = base.extend<Fixture>({
  server: async ({ fake }, use) => {
    const oidc = { issuer: fake.settings.OIDC_ISSUER, audience, repositoryIds: [], ownerIds: [] };
    await using server = await startApp({ oidc, github: githubOf(fake) });
    await use(server);
  },
  token: async ({ shop }, use) => {
    await use((input) => shop.run(input).idToken(audience));
  },
  ask: async ({ server }, use) => {
    await use(async (token, url = '/api/openapi.json') => askAt(server, token, url));
  },
});

async function askAt({ app }: TestApp, token: string, url: string): Promise<Answered> {
  const answer = await app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  const { code } = JSON.parse(answer.body) as { code?: string };
  const { 'www-authenticate': challenge } = answer.headers;
  return { status: answer.statusCode, code, body: answer.body, challenge };
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The same claims under another header, signed as the attacker can. */
function forged(token: string, head: object, sign: (text: string) => string): string {
  const [kept = '', claims = ''] = token.split('.');
  const header = JSON.parse(Buffer.from(kept, 'base64url').toString()) as object;
  const text = `${encode({ ...header, ...head })}.${claims}`;
  return `${text}.${sign(text)}`;
}

const refused = (code: string) => ({
  status: 401,
  code,
  challenge: 'Bearer realm="ephemera", error="invalid_token"',
});

test('a workflow is let in by its token of GitHub, and reaches pull-request jobs alone', async ({ ask, token }) => {
  const good = await token();
  expect(await ask(good)).toMatchObject({ status: 200, challenge: undefined });
  for (const url of ['/api/v1/environments', '/api/v1/environments/1', '/metrics', '/api/v1/sweeps'])
    expect(await ask(good, url)).toMatchObject({ status: 403, code: 'token.scope_missing' });
});

test('without an audience that is set, every token of GitHub Actions is refused, and the answer says how to take them', async ({
  token,
}) => {
  await using closed = await startApp();
  const answer = await askAt(closed, await token(), '/api/openapi.json');
  expect(answer).toMatchObject(refused('oidc.not_enabled'));
  expect(answer.body).toContain('OIDC_AUDIENCE');
});

test('a token without a signature, or with algorithm none, is refused', async ({ ask, token, fake }) => {
  const good = await token();
  expect(await ask(forged(good, { alg: 'none' }, () => ''))).toMatchObject(refused('oidc.algorithm'));
  expect(await ask(forged(good, { alg: 'none' }, () => 'c2ln'))).toMatchObject(refused('oidc.algorithm'));
  expect(await ask(forged(good, {}, () => ''))).toMatchObject(refused('oidc.malformed'));
  expect(await ask(forged(good, {}, () => 'c2ln'))).toMatchObject(refused('oidc.signature'));
  expect(fake.requests().filter(({ route }) => route === keysPath)).toMatchObject([{ count: 1 }]);
});

test('a token that is signed with the public key as a secret is refused', async ({ ask, token, fake }) => {
  const good = await token();
  const { keys } = await published(fake);
  const key = await createLocalJWKSet({ keys })({ alg: 'RS256', kid: keys[0]?.kid ?? '' });
  for (const secret of [await exportSPKI(key), JSON.stringify(keys[0]), String(keys[0]?.n)]) {
    for (const [alg, hash] of [
      ['HS256', 'sha256'],
      ['HS512', 'sha512'],
    ] as const) {
      const forgery = forged(good, { alg }, (text) => createHmac(hash, secret).update(text).digest('base64url'));
      expect(await ask(forgery)).toMatchObject(refused('oidc.algorithm'));
    }
  }
});

async function published(fake: FakeGitHub): Promise<JSONWebKeySet> {
  return (await (await fetch(`${fake.settings.OIDC_ISSUER}/.well-known/jwks`)).json()) as JSONWebKeySet;
}

test('a token that is signed with another key is refused, whatever key it names or brings', async ({
  ask,
  token,
  fake,
}) => {
  const good = await token();
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { keys } = await published(fake);
  const claims = JSON.parse(Buffer.from(good.split('.')[1] ?? '', 'base64url').toString()) as object;
  const signed = (head: object) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: keys[0]?.kid ?? '', ...head }).sign(privateKey);
  expect(await ask(await signed({}))).toMatchObject(refused('oidc.signature'));
  expect(await ask(await signed({ kid: 'mine' }))).toMatchObject(refused('oidc.key_unknown'));
  const jwk = publicKey.export({ format: 'jwk' });
  expect(await ask(await signed({ jwk, jku: 'http://127.0.0.1:1/keys' }))).toMatchObject(refused('oidc.signature'));
});

test('a token whose claims were changed after it was signed is refused', async ({ ask, token }) => {
  const [head, claims = '', signature] = (await token()).split('.');
  const own = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
  const changed = `${head}.${encode({ ...own, repository_id: '1' })}.${signature}`;
  expect(await ask(changed)).toMatchObject(refused('oidc.signature'));
});

test.each([
  ['of another issuer', { claims: { iss: 'https://evil.example' } }, 'oidc.issuer'],
  ['for another audience', { claims: { aud: 'https://github.com/acme' } }, 'oidc.audience'],
  ['that ended 61 s ago', { lifetimeSeconds: -61 }, 'oidc.expired'],
  ['that begins in five minutes', { claims: { nbf: 4_000_000_000 } }, 'oidc.not_yet_valid'],
  ['that is 17 minutes old', { claims: { iat: 1_700_000_000 }, lifetimeSeconds: 86_400 }, 'oidc.too_old'],
  ['without a jti', { claims: { jti: null } }, 'oidc.claim_missing'],
  ['whose repository is no id', { claims: { repository_id: 'acme/shop' } }, 'oidc.claim_missing'],
] satisfies [string, WorkflowRunInput, string][])(
  'a good signature does not help a token %s',
  async (_what, input, code) => {
    await using fake = await startFakeGitHub();
    const shop = await fake.repository({ owner: 'acme', name: 'shop' });
    const oidc = { issuer: fake.settings.OIDC_ISSUER, audience, repositoryIds: [shop.id], ownerIds: [] };
    await using server = await startApp({ oidc });
    const token = await shop.run(input).idToken(audience);
    expect(await askAt(server, token, '/api/openapi.json')).toMatchObject(refused(code));
    // The same without what is wrong.
    expect(await askAt(server, await shop.run().idToken(audience), '/api/openapi.json')).toMatchObject({ status: 200 });
  },
);

test('a token that ended less than a minute ago is taken, as clocks differ', async ({ ask, token }) => {
  expect(await ask(await token({ lifetimeSeconds: -50 }))).toMatchObject({ status: 200 });
});

test('no answer repeats anything of a token', async ({ ask, token }) => {
  const good = await token({ claims: { jti: 'a-secret-jti', run_id: 'secret run' } });
  for (const text of [
    good,
    `${good}x`,
    good.slice(0, -3),
    `${'secret.'.repeat(2)}secret`,
    `${'A'.repeat(9_000)}.b.c`,
  ]) {
    const { body, status } = await ask(text);
    expect(status).toBe(401);
    expect(body).not.toContain('secret');
    for (const part of text.split('.').filter(({ length }) => length > 8)) expect(body).not.toContain(part.slice(0, 8));
  }
});

test('a huge token is refused before anything is asked for it', async ({ server, fake, token }) => {
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const [head, claims, signature] = (await token()).split('.');
  const answers = [9, 40].map(async (kilobytes) => {
    const long = `${head}.${claims}.${signature}${'A'.repeat(kilobytes * 1024)}`;
    return fetch(`${url}/api/openapi.json`, { headers: { authorization: `Bearer ${long}` } });
  });
  const [large, beyond] = await Promise.all(answers);
  expect(large?.status).toBe(401);
  expect(await large?.json()).toMatchObject({ code: 'oidc.malformed' });
  expect(beyond?.status).toBe(431);
  expect(fake.requests().find(({ route }) => route === keysPath)).toBeUndefined();
});

test('while the issuer cannot be asked, tokens are answered with 503, and with 200 when it is back', async ({
  fake,
  server,
  token,
}) => {
  const clock = { now: 0 };
  const authenticate = workflowsOf(server.database.db, fake, { keysNow: () => clock.now });
  const good = await token();
  fake.faults([{ match: { path: keysPath }, fault: { reset: true } }]);
  expect(await askAt(server, good, '/api/openapi.json')).toMatchObject({
    status: 503,
    code: 'oidc.keys_unavailable',
    challenge: undefined,
    body: expect.stringContaining('"retryable":true') as string,
  });
  await expect(authenticate(good)).rejects.toMatchObject({ code: 'oidc.keys_unavailable' });
  fake.clearFaults();
  clock.now = 5_000;
  expect(await authenticate(good)).toMatchObject({ account: expect.stringMatching(/^repository:\d+$/) as string });
});

test('without the database a listed repository is still let in, and of any other it is not known: 503', async ({
  fake,
  shop,
  token,
}) => {
  const away = openDatabase({ host: '/nowhere', user: 'nobody', database: 'none' }, () => {}, 2);
  const good = await token();
  const oidc = { issuer: fake.settings.OIDC_ISSUER, audience, repositoryIds: [], ownerIds: [] };
  await using unlisted = await startApp({ db: away, oidc, github: githubOf(fake) });
  expect(await askAt(unlisted, good, '/api/openapi.json')).toMatchObject({
    status: 503,
    code: 'database.unavailable',
  });
  await using listed = await startApp({ db: away, oidc: { ...oidc, repositoryIds: [shop.id] } });
  expect(await askAt(listed, good, '/api/openapi.json')).toMatchObject({ status: 200 });
  await away.destroy();
});
