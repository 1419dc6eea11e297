import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { test } from '../test/fixture.ts';
import { connectGitHub, isFork } from './index.ts';

const tokenCalls = (calls: readonly string[]) => calls.filter((call) => call.endsWith('/access_tokens'));
const failing = async (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a pull request is read with what Ephemera needs of it', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart', title: 'Add a cart', author: 'octocat', draft: true });
  const read = await github.pullRequest(ref, pull.number);
  expect(read).toMatchObject({
    number: pull.number,
    state: 'open',
    title: 'Add a cart',
    draft: true,
    merged: false,
    user: { login: 'octocat' },
    head: { sha: pull.sha(), ref: 'feat/cart', repo: { id: shop.id } },
    base: { ref: 'main', repo: { id: shop.id, name: 'shop', full_name: 'acme/shop' } },
  });
  expect(isFork(read)).toBe(false);
});

test('a pull request from another repository is a fork, and so is one whose repository is gone', async ({
  github,
  relay,
  shop,
  ref,
}) => {
  const pull = await shop.open({ head: 'feat/cart', author: 'stranger', fork: true });
  expect(isFork(await github.pullRequest(ref, pull.number))).toBe(true);
  relay.change = (_call, body) => {
    const { head, ...rest } = body as { head: object };
    return { ...rest, head: { ...head, repo: null } };
  };
  expect(isFork(await github.pullRequest(ref, pull.number))).toBe(true);
});

test('a merged pull request is closed and merged', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await pull.close({ merge: true });
  expect(await github.pullRequest(ref, pull.number)).toMatchObject({ state: 'closed', merged: true });
});

test('a NUL in a title is dropped, as no database takes it', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  relay.change = (_call, body) => ({ ...(body as object), title: 'Add\0 a cart' });
  expect((await github.pullRequest(ref, pull.number)).title).toBe('Add a cart');
});

test('an author whose account is gone is null', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  relay.change = (_call, body) => ({ ...(body as object), user: null });
  expect((await github.pullRequest(ref, pull.number)).user).toBeNull();
});

test('an answer without a head commit is refused, not guessed at', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  relay.change = (call, body) => (call.path.includes('/pulls/') ? { number: 1 } : body);
  expect(await failing(github.pullRequest(ref, pull.number))).toMatchObject({ code: 'github.invalid' });
});

test('one installation token serves many calls', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await github.pullRequest(ref, pull.number);
  await Promise.all([1, 2, 3].map(() => github.pullRequest(ref, pull.number)));
  expect(tokenCalls(relay.calls)).toHaveLength(1);
});

test('a commit status is set, cut to 140 characters, with its target', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await github.setCommitStatus(ref, {
    sha: pull.sha(),
    context: 'ephemera/environment',
    state: 'failure',
    description: `${'x'.repeat(139)}😀😀`,
    targetUrl: 'http://pr-1.preview.example',
  });
  expect(pull.view().statuses).toEqual([
    {
      sha: pull.sha(),
      context: 'ephemera/environment',
      state: 'failure',
      description: 'x'.repeat(139),
      target_url: 'http://pr-1.preview.example',
    },
  ]);
});

test('a commit status without a target has none', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const status = {
    sha: pull.sha(),
    context: 'ephemera/environment',
    state: 'success',
    description: 'Removed',
  } as const;
  await github.setCommitStatus(ref, status);
  expect(pull.view().statuses[0]?.target_url).toBeNull();
});

test('a pull request that is not there is "not found", which is not "closed"', async ({ github, ref }) => {
  expect(await failing(github.pullRequest(ref, 99))).toMatchObject({ code: 'github.not_found', retryable: false });
});

test('an installation that is not there is an error of its own kind', async ({ github, ref }) => {
  const elsewhere = { ...ref, installationId: 1 };
  expect(await failing(github.pullRequest(elsewhere, 1))).toMatchObject({ code: 'github.not_found' });
});

test('a token that was revoked is given up, and a new one is asked for once', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await github.pullRequest(ref, pull.number);
  let revoked: string | undefined;
  relay.instead = ({ path, headers }) => {
    if (!path.includes('/pulls/')) return undefined;
    revoked ??= headers.authorization;
    return headers.authorization === revoked ? { status: 401, body: { message: 'Bad credentials' } } : undefined;
  };
  const reads = [1, 2, 3].map(async () => (await github.pullRequest(ref, pull.number)).number);
  expect(await Promise.all(reads)).toEqual([pull.number, pull.number, pull.number]);
  expect(tokenCalls(relay.calls)).toHaveLength(2);
});

test('when the new token is refused as well, that is an error, and no third one is tried', async ({
  github,
  relay,
  ref,
}) => {
  relay.instead = ({ path }) =>
    path.includes('/pulls/') ? { status: 401, body: { message: 'Bad credentials' } } : undefined;
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({ code: 'github.unauthorized' });
  expect(tokenCalls(relay.calls)).toHaveLength(2);
});

test('an answer that is cut off is no answer, and is tried again', async ({ github, relay, ref }) => {
  relay.instead = ({ path }) =>
    path.includes('/pulls/') ? { status: 200, body: {}, raw: '{"number": 1, "st' } : undefined;
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({ code: 'github.incomplete', retryable: true });
});

test('what is written under a name that the repository had before arrives', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await shop.rename('store');
  const status = { sha: pull.sha(), context: 'ephemera/environment', state: 'success', description: 'x' } as const;
  await github.setCommitStatus(ref, status);
  await github.stickyComment(ref, { number: pull.number, marker: '<!-- x -->', body: '<!-- x -->' });
  expect(pull.view().statuses).toHaveLength(1);
  expect(pull.comments()).toHaveLength(1);
});

test('a write that is led astray counts as not written', async ({ github, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  // `fetch` turns a POST that is answered with 301 into a GET.
  relay.instead = ({ method, path }) => {
    if (path.endsWith('/elsewhere')) return { status: 200, body: [] };
    return method === 'POST' && path.includes('/statuses/')
      ? { status: 301, headers: { location: `${relay.url}/elsewhere` }, body: {} }
      : undefined;
  };
  const status = { sha: pull.sha(), context: 'ephemera/environment', state: 'success', description: 'x' } as const;
  expect(await failing(github.setCommitStatus(ref, status))).toMatchObject({ code: 'github.invalid' });
});

test('a rate limit says how long to wait', async ({ github, relay, ref }) => {
  relay.instead = ({ path }) =>
    path.includes('/pulls/')
      ? { status: 403, headers: { 'retry-after': '7' }, body: { message: 'You have exceeded a secondary rate limit' } }
      : undefined;
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({
    code: 'github.rate_limited',
    details: { retryAfterMs: 7_000 },
  });
});

test('a rate limit on the token itself is told in the same way', async ({ github, relay, ref }) => {
  relay.instead = () => ({ status: 429, headers: { 'retry-after': '3' }, body: { message: 'slow down' } });
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({
    code: 'github.rate_limited',
    details: { retryAfterMs: 3_000 },
  });
});

test('an answer of 502 is unavailable, to be tried again', async ({ github, relay, ref }) => {
  relay.instead = () => ({ status: 502, body: {} });
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({ code: 'github.unavailable', retryable: true });
});

test('a GitHub that cannot be reached is a typed error, to be tried again', async ({ fake, ref }) => {
  const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath } = fake.settings;
  const github = connectGitHub({ apiUrl: 'http://127.0.0.1:1', appId, privateKeyPath });
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({ code: 'github.unreachable', retryable: true });
});

for (const [what, stalled] of [
  ['says nothing', (response: ServerResponse) => void response],
  ['stops in the middle of its answer', (response: ServerResponse) => response.writeHead(200).write('{"number":')],
] as const) {
  test(`a GitHub that ${what} is given up after the deadline, to be tried again`, async ({ fake, ref }) => {
    const server = createServer((_request, response) => void stalled(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath } = fake.settings;
      const github = connectGitHub({ apiUrl: `http://127.0.0.1:${port}`, appId, privateKeyPath, timeoutMs: 100 });
      expect(await failing(github.pullRequest(ref, 1))).toMatchObject({ retryable: true });
      expect(await failing(github.app())).toMatchObject({ retryable: true });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}

test('a call that is aborted throws the reason of the abort', async ({ github, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const reason = new Error('the lease was lost');
  expect(await failing(github.pullRequest(ref, pull.number, AbortSignal.abort(reason)))).toBe(reason);
});

test('an API address with a slash at its end works as well', async ({ fake, relay, shop, ref }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath } = fake.settings;
  const github = connectGitHub({ apiUrl: `${relay.url}/`, appId, privateKeyPath });
  expect((await github.pullRequest(ref, pull.number)).number).toBe(pull.number);
});

test('the key of another App is refused as bad credentials', async ({ fake, ref }) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  using key = keyFile(privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const github = connectGitHub({ apiUrl: fake.url, appId: fake.settings.GITHUB_APP_ID, privateKeyPath: key.path });
  expect(await failing(github.pullRequest(ref, 1))).toMatchObject({ code: 'github.unauthorized', retryable: false });
});

test.each([
  ['is missing', undefined],
  ['is empty', ''],
  ['is no key', 'hello'],
  ['is cut off', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
])('a private key that %s is refused at once, with its path', (_what, text) => {
  using key = keyFile(text);
  expect(() => connectGitHub({ apiUrl: 'http://127.0.0.1:1', appId: '1', privateKeyPath: key.path })).toThrow(key.path);
});

function keyFile(text: string | undefined): Disposable & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-key-'));
  const path = join(folder, 'app.pem');
  if (text !== undefined) writeFileSync(path, text, { mode: 0o600 });
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
