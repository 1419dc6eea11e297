import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readSettings } from '../settings.ts';
import { checkOidc } from './oidc-check.ts';

/** An issuer that answers these paths with JSON, and all others with 404. */
async function issuer(answers: (url: string) => Readonly<Record<string, unknown>>) {
  const http = createServer(({ url = '/' }, response) => {
    const answer = answers(address)[url];
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
    },
  };
}

const check = (variables: Readonly<Record<string, string>>) =>
  checkOidc(readSettings(variables), AbortSignal.timeout(10_000));
const keysPath = '/.well-known/jwks';
const key = { kty: 'RSA', n: 'AQAB', e: 'AQAB' };

test('without an audience tokens of GitHub Actions are not accepted, which is no fault', async () => {
  expect(await check({})).toMatchObject({ ok: true, detail: expect.stringContaining('not accepted') });
});

test('an issuer whose keys can be had is well, if any repository may ask', async () => {
  await using there = await issuer(() => ({ [keysPath]: { keys: [key] } }));
  const settings = { OIDC_AUDIENCE: 'https://ephemera.example', OIDC_ISSUER: `${there.address}/` };
  expect(await check({ ...settings, OIDC_OWNER_IDS: '5' })).toMatchObject({ ok: true });
  expect(await check(settings)).toMatchObject({ ok: null, detail: expect.stringContaining('no repository may ask') });
});

test.each([
  ['has keys only where its configuration says, which the server does not read', { '/keys': { keys: [key] } }, '404'],
  ['has something else in their place', { [keysPath]: { keys: 'none' } }, 'cannot be had'],
  ['has no keys', { [keysPath]: { keys: [] } }, 'publishes no keys'],
  ['has more than a server reads', { [keysPath]: { keys: [key], more: 'x'.repeat(300_000) } }, 'longer than 256 KiB'],
])('an issuer that %s is broken', async (_, answers: Readonly<Record<string, unknown>>, problem) => {
  await using there = await issuer((url) => ({
    '/.well-known/openid-configuration': { jwks_uri: `${url}/keys` },
    ...answers,
  }));
  expect(await check({ OIDC_AUDIENCE: 'ephemera', OIDC_ISSUER: there.address })).toMatchObject({
    ok: false,
    detail: expect.stringContaining(problem),
    hint: expect.stringContaining('answered with'),
  });
});

test('an issuer that cannot be reached is broken, with the reason', async () => {
  const there = await issuer(() => ({}));
  await there[Symbol.asyncDispose]();
  expect(await check({ OIDC_AUDIENCE: 'ephemera', OIDC_ISSUER: there.address })).toMatchObject({
    ok: false,
    detail: expect.stringContaining('ECONNREFUSED'),
  });
});
