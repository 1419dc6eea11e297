import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createAppAuth } from '@octokit/auth-app';
import { request } from '@octokit/request';
import { verify } from '@octokit/webhooks-methods';
import { expect } from 'vitest';
import { aString, matching, test } from '../../test/fixture.ts';
import { startFakeGitHub } from '../index.ts';

const manifest = {
  name: 'Ephemera of Acme',
  url: 'https://ephemera.example',
  redirect_url: 'http://127.0.0.1:1/back?step=2',
  hook_attributes: { url: 'http://127.0.0.1:1/webhooks/github' },
  default_permissions: { checks: 'write', pull_requests: 'write', statuses: 'write' },
  default_events: ['pull_request', 'repository'],
  public: false,
};

interface Converted {
  readonly id: number;
  readonly slug: string;
  readonly pem: string;
  readonly webhook_secret: string;
}

const register = (url: string, form: Record<string, string>, path = '/settings/apps/new?state=s%201') =>
  fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
const submit = (url: string, given: object = manifest, path?: string) =>
  register(url, { manifest: JSON.stringify(given) }, path);
const codeOf = (answer: Response) => new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
const convert = (url: string, code: string, headers = {}) =>
  fetch(`${url}/app-manifests/${code}/conversions`, { method: 'POST', headers });

test('a manifest leads back with a code, and the code makes the App', async ({ github, receiver }) => {
  await github.repository({ owner: 'acme', name: 'shop' });
  const hook_attributes = { url: receiver.url };
  const answer = await submit(github.url, { ...manifest, hook_attributes });
  const location = new URL(answer.headers.get('location') ?? '');
  expect([answer.status, location.origin, location.pathname]).toEqual([302, 'http://127.0.0.1:1', '/back']);
  expect(Object.fromEntries(location.searchParams)).toEqual({ step: '2', state: 's 1', code: aString });
  const before = github.settings;
  const conversion = await convert(github.url, codeOf(answer));
  const app = (await conversion.json()) as Converted;
  expect({ status: conversion.status, app }).toMatchObject({
    status: 201,
    app: {
      name: 'Ephemera of Acme',
      slug: 'ephemera-of-acme',
      external_url: 'https://ephemera.example',
      events: ['pull_request', 'repository'],
      permissions: { checks: 'write', metadata: 'read', pull_requests: 'write', statuses: 'write' },
      client_id: matching(/^Iv1\./),
      client_secret: aString,
    },
  });

  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY_PATH: path, GITHUB_WEBHOOK_SECRET: secret } = github.settings;
  expect({ id: Number(id), secret }).toEqual({ id: app.id, secret: app.webhook_secret });
  expect([id, secret]).not.toContain(before.GITHUB_APP_ID);
  const ours = (pem: string) => createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
  expect(ours(readFileSync(path, 'utf8'))).toBe(ours(app.pem));

  const auth = createAppAuth({
    appId: app.id,
    privateKey: app.pem,
    request: request.defaults({ baseUrl: github.url }),
  });
  const asApp = request.defaults({ baseUrl: github.url, request: { hook: auth.hook } });
  expect((await asApp('GET /app')).data).toMatchObject({ id: app.id, owner: { login: 'ephemera' } });
  expect((await asApp('GET /app/installations')).data).toMatchObject([
    { app_id: app.id, account: { login: 'acme' }, permissions: { checks: 'write' } },
  ]);
  await github.ping();
  const { headers = {}, raw = '' } = receiver.received[0] ?? {};
  expect(headers['x-github-hook-installation-target-id']).toBe(String(app.id));
  expect(await verify(app.webhook_secret, raw, String(headers['x-hub-signature-256']))).toBe(true);
});

test('a code works once, and not for a web page', async ({ github }) => {
  const code = codeOf(await submit(github.url, manifest, '/organizations/acme/settings/apps/new'));
  expect((await convert(github.url, code, { origin: 'http://evil.example' })).status).toBe(403);
  const first = await convert(github.url, code);
  expect(await first.json()).toMatchObject({ owner: { login: 'acme' } });
  expect((await convert(github.url, code)).status).toBe(404);
  expect((await convert(github.url, 'unknown')).status).toBe(404);
});

test('a code works for an hour', async () => {
  let ahead = 0;
  await using github = await startFakeGitHub({ now: () => new Date(Date.now() + ahead) });
  const code = codeOf(await submit(github.url));
  ahead = 3_600_000;
  expect((await convert(github.url, code)).status).toBe(404);
});

test('an App without the event in its manifest hears nothing of it', async ({ github, receiver }) => {
  const { default_events: _, ...deaf } = { ...manifest, hook_attributes: { url: receiver.url } };
  await convert(github.url, codeOf(await submit(github.url, deaf)));
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  expect(pull.view().deliveries).toEqual([]);
});

test('a person sees a form that sends its manifest to the same place', async ({ github }) => {
  const path = '/settings/apps/new?state="><script>';
  const answer = await fetch(`${github.url}${path}`);
  const html = await answer.text();
  expect(answer.headers.get('content-type')).toContain('text/html');
  expect(html).toContain('<textarea name="manifest"');
  expect(html).toContain('action="/settings/apps/new?state=');
  expect(html).not.toContain('<script>');
});

test('a manifest that GitHub would refuse is refused with what is wrong and where', async ({ github }) => {
  const refusals: [given: object, reason: RegExp][] = [
    [{ ...manifest, url: undefined }, /url /],
    [{ ...manifest, url: 'javascript:alert(1)' }, /url must be an http/],
    [{ ...manifest, redirect_url: undefined }, /redirect_url /],
    [{ ...manifest, hook_attributes: { active: true } }, /hook_attributes\.url /],
    [{ ...manifest, name: 'x'.repeat(35) }, /name must have at most 34/],
    [{ ...manifest, colour: 'red' }, /Unrecognized key: "colour"/],
    [{ ...manifest, default_permissions: { cheks: 'write' } }, /default_permissions\.cheks is not a permission/],
    [{ ...manifest, default_permissions: { checks: 'all' } }, /must be one of read, write/],
    [{ ...manifest, default_events: ['pull_requests'] }, /pull_requests is not an event/],
    [{ ...manifest, default_permissions: {} }, /pull_request is not supported by permissions/],
  ];
  for (const [given, reason] of refusals) {
    const answer = await submit(github.url, given);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 422,
      body: { message: matching(reason) },
    });
  }
  expect((await register(github.url, {})).status).toBe(422);
  expect(await (await register(github.url, { manifest: '{' })).json()).toMatchObject({
    message: matching(/not JSON/),
  });
});
