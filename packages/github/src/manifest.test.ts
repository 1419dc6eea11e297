import { inspect } from 'node:util';
import { expect } from 'vitest';
import { test } from '../test/fixture.ts';
import { convertManifest } from './index.ts';

const answer = {
  id: 7,
  slug: 'ephemera-acme',
  pem: '-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n',
  webhook_secret: 'a secret',
  html_url: 'https://github.example/apps/ephemera-acme',
};

test('the code of a new App becomes its credentials', async ({ relay }) => {
  relay.instead = () => ({ status: 201, body: answer });
  expect(await convertManifest(relay.url, 'the/code')).toEqual({
    id: 7,
    slug: 'ephemera-acme',
    pem: answer.pem,
    webhookSecret: 'a secret',
    htmlUrl: 'https://github.example/apps/ephemera-acme',
  });
  expect(relay.calls).toEqual(['POST /app-manifests/the%2Fcode/conversions']);
});

for (const [what, status, body, code] of [
  ['a code that GitHub does not know', 404, { message: 'Not Found' }, 'github.not_found'],
  ['an answer without a secret', 201, { ...answer, webhook_secret: null }, 'github.invalid'],
  ['an answer without a key', 201, { ...answer, pem: '' }, 'github.invalid'],
  ['a server that is down', 503, {}, 'github.unavailable'],
] as const) {
  test(`${what} is an error, and tells neither code nor secret`, async ({ relay }) => {
    relay.instead = () => ({ status, body });
    const error = await convertManifest(relay.url, 'secret-code').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(inspect(error, { depth: 9 })).not.toMatch(/secret-code|a secret|BEGIN RSA/);
  });
}
