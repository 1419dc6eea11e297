import { createHmac } from 'node:crypto';
import { verify } from '@octokit/webhooks-methods';
import { expect } from 'vitest';
import { aNumber, aString, control, matching, test } from '../test/fixture.ts';
import type { Receiver } from '../test/receiver.ts';
import type { FakeGitHub } from './index.ts';

const pulls = '/repositories/acme/shop/pulls';
const deadline = { timeout: 5_000, interval: 10 };

async function open(github: FakeGitHub, input = {}) {
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  return repository.open({ head: 'feat/cart', ...input });
}

const arrived = (receiver: Receiver, count: number) =>
  expect.poll(() => receiver.received.length, deadline).toBe(count);

test('a delivery is signed and carries the headers that GitHub sends', async ({ github, receiver }) => {
  await open(github);
  await arrived(receiver, 1);
  const { headers = {}, raw = '' } = receiver.received[0] ?? {};
  const secret = github.settings.GITHUB_WEBHOOK_SECRET;
  expect(await verify(secret, raw, String(headers['x-hub-signature-256']))).toBe(true);
  expect(headers['x-hub-signature']).toBe(`sha1=${createHmac('sha1', secret).update(raw).digest('hex')}`);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': matching(/^GitHub-Hookshot\//),
    'x-github-delivery': matching(/^[0-9a-f-]{36}$/),
    'x-github-event': 'pull_request',
    'x-github-hook-id': matching(/^\d+$/),
    'x-github-hook-installation-target-type': 'integration',
    'x-github-hook-installation-target-id': github.settings.GITHUB_APP_ID,
  });
});

test('every change is announced in its order with the values of the moment', async ({ github, receiver }) => {
  const pull = await open(github, { labels: ['preview'], title: 'A cart', author: 'maria' });
  const first = pull.sha();
  await pull.push({ 'a.txt': 'a' });
  const second = pull.sha();
  await pull.edit({ title: 'The cart', body: 'why', base: 'release' });
  await pull.edit({ draft: true, labels: ['urgent'] });
  await pull.edit({ draft: false });
  await pull.close();
  await pull.reopen();
  await pull.close({ merge: true });

  await arrived(receiver, 10);
  const payloads = github.deliveries().map(({ id }) => {
    const match = receiver.received.find(({ headers }) => headers['x-github-delivery'] === id);
    return match?.payload;
  });
  expect(payloads.map((payload) => payload?.['action'])).toEqual([
    'opened',
    'synchronize',
    'edited',
    'converted_to_draft',
    'unlabeled',
    'labeled',
    'ready_for_review',
    'closed',
    'reopened',
    'closed',
  ]);
  expect(payloads[0]).toMatchObject({
    number: 1,
    pull_request: {
      number: 1,
      state: 'open',
      title: 'A cart',
      user: { login: 'maria' },
      author_association: 'COLLABORATOR',
      html_url: `${github.url}/acme/shop/pull/1`,
      head: { sha: first, ref: 'feat/cart', repo: { full_name: 'acme/shop' } },
      base: { ref: 'main', repo: { full_name: 'acme/shop' } },
      labels: [{ name: 'preview' }],
    },
    repository: { full_name: 'acme/shop', owner: { login: 'acme' } },
    installation: { id: aNumber },
    sender: { login: 'maria' },
  });
  expect(payloads[1]).toMatchObject({ before: first, after: second, pull_request: { head: { sha: second } } });
  expect(payloads[2]).toMatchObject({
    changes: { title: { from: 'A cart' }, body: { from: '' }, base: { ref: { from: 'main' } } },
    pull_request: { title: 'The cart', base: { ref: 'release' } },
  });
  expect(payloads[4]).toMatchObject({ label: { name: 'preview' } });
  expect(payloads[5]).toMatchObject({ label: { name: 'urgent' }, pull_request: { draft: true } });
  expect(payloads[7]).toMatchObject({ pull_request: { state: 'closed', merged: false } });
  expect(payloads[9]).toMatchObject({ pull_request: { merged: true, merge_commit_sha: aString } });
  expect(JSON.stringify(payloads).match(/Codertocat|Hello-World|octocat|[a-z.]*github\.com[^"]*/g)).toBeNull();
});

test('a fork has a repository of its own and an author without rights', async ({ github, receiver }) => {
  await open(github, { fork: true, author: 'stranger' });
  await arrived(receiver, 1);
  const pull = receiver.received[0]?.payload['pull_request'] as {
    head: { repo: { id: number } };
    base: { repo: { id: number } };
  };
  expect(pull).toMatchObject({
    author_association: 'NONE',
    head: { repo: { full_name: 'stranger/shop', fork: true } },
  });
  expect(pull.head.repo.id).not.toBe(pull.base.repo.id);
});

test('pull requests from one branch into two move together', async ({ github }) => {
  const pull = await open(github);
  const twin = await github
    .repository({ owner: 'acme', name: 'other' })
    .then((other) => other.open({ head: 'feat/cart' }));
  const { body } = await control(github, 'POST', pulls, { head: 'feat/cart', base: 'release' });
  await pull.push();
  expect((await control(github, 'GET', `${pulls}/${String(body['number'])}`)).body['head']).toEqual(pull.view().head);
  expect(twin.view().deliveries).toHaveLength(1);
});

test('a refused delivery is recorded, not repeated, and can be sent again under its id', async ({
  github,
  receiver,
}) => {
  receiver.status = 500;
  const pull = await open(github);
  await expect.poll(() => pull.view().deliveries, deadline).toMatchObject([{ status: 500, action: 'opened' }]);
  receiver.status = 202;
  const id = pull.view().deliveries[0]?.id ?? '';
  expect(await control(github, 'POST', `/deliveries/${id}/redeliver`)).toMatchObject({
    status: 200,
    body: { id, status: 202 },
  });
  expect(receiver.received.map(({ headers }) => headers['x-github-delivery'])).toEqual([id, id]);
  expect(receiver.received[0]?.raw).toBe(receiver.received[1]?.raw);
  expect(pull.view().deliveries.map(({ status }) => status)).toEqual([500, 202]);
});

test('a receiver that is not there leaves the delivery without a status', async ({ github, receiver }) => {
  github.setWebhookUrl('http://127.0.0.1:1/');
  const pull = await open(github);
  await expect
    .poll(() => pull.view().deliveries, deadline)
    .toMatchObject([{ status: null, ms: aNumber, error: matching('ECONNREFUSED') }]);
  github.setWebhookUrl(receiver.url);
  expect(await github.redeliver(pull.view().deliveries[0]?.id ?? '')).toMatchObject({ status: 202 });
});

test('opening does not wait for the receiver, and stopping breaks off a delivery that hangs', async ({
  github,
  receiver,
}) => {
  receiver.status = undefined;
  const pull = await open(github);
  expect(pull.view().deliveries).toMatchObject([{ status: null, ms: null }]);
  await arrived(receiver, 1);
  await github.stop();
  expect(pull.view().deliveries).toMatchObject([{ status: null, error: aString }]);
});

test('any payload can be delivered, also with a wrong signature', async ({ github, receiver }) => {
  await github.deliver('pull_request', { action: 'opened' }, { 'x-hub-signature-256': 'sha256=00' });
  expect(receiver.received).toMatchObject([
    { raw: '{"action":"opened"}', headers: { 'x-hub-signature-256': 'sha256=00', 'x-github-event': 'pull_request' } },
  ]);
});

test('a ping says who sends it', async ({ github, receiver }) => {
  expect(await github.ping()).toMatchObject({ event: 'ping', action: null, status: 202 });
  expect(receiver.received[0]?.payload).toMatchObject({ hook: { type: 'App', config: { url: receiver.url } } });
});
