import { expect } from 'vitest';
import { test } from '../test/fixture.ts';

const repositoryList = (total: number, ...ids: readonly number[]) => ({
  status: 200,
  body: { total_count: total, repositories: ids.map((id) => ({ id, full_name: `acme/shop-${id}` })) },
});

test('the App is read with its permissions and events', async ({ github, fake }) => {
  const app = await github.app();
  expect(app.id).toBe(Number(fake.settings.GITHUB_APP_ID));
  expect(app.permissions).toMatchObject({ statuses: 'write', pull_requests: 'write' });
  expect(app.events).toContain('pull_request');
});

test('installations are listed with account, permissions and events', async ({ github, ref }) => {
  const [first, ...others] = await github.installations();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ id: ref.installationId, account: 'acme', suspended: false });
  expect(first?.permissions).toMatchObject({ statuses: 'write' });
  expect(await github.installation(ref.installationId)).toEqual(first);
});

test('a suspended installation is shown as suspended, and an enterprise by its slug', async ({
  github,
  relay,
  ref,
}) => {
  relay.change = (_call, body) => ({
    ...(body as object),
    account: { id: 1, slug: 'acme-corporation' },
    suspended_at: '2026-01-01T00:00:00Z',
  });
  expect(await github.installation(ref.installationId)).toMatchObject({ account: 'acme-corporation', suspended: true });
});

test('an installation is undefined when GitHub does not know it, and only then', async ({ github, relay }) => {
  expect(await github.installation(1)).toBeUndefined();
  for (const [status, code] of [
    [401, 'github.unauthorized'],
    [403, 'github.forbidden'],
    [500, 'github.unavailable'],
  ] as const) {
    relay.instead = () => ({ status, body: { message: 'No.' } });
    await expect(github.installation(1)).rejects.toMatchObject({ code });
  }
});

test('the installation on a repository is found by its name, also a former one, and undefined where the App is not', async ({
  fake,
  github,
  shop,
  ref,
}) => {
  expect(await github.installationOn('acme/shop')).toMatchObject({ id: ref.installationId, suspended: false });
  await shop.rename('store');
  expect(await github.installationOn('acme/shop')).toMatchObject({ id: ref.installationId });
  expect(await github.installationOn('acme/nothing')).toBeUndefined();
  await fake.installation('acme').suspend();
  expect(await github.installationOn('acme/store')).toMatchObject({ suspended: true });
  await fake.installation('acme').remove();
  expect(await github.installationOn('acme/store')).toBeUndefined();
});

test('the repositories of an installation are listed', async ({ github, shop, ref }) => {
  expect(await github.repositories(ref.installationId)).toEqual([{ id: shop.id, fullName: 'acme/shop' }]);
});

test('a list of repositories that is shorter than GitHub says is refused', async ({ github, relay, ref }) => {
  relay.instead = ({ path }) => (path.startsWith('/installation/repositories') ? repositoryList(3, 1, 2) : undefined);
  await expect(github.repositories(ref.installationId)).rejects.toMatchObject({ code: 'github.incomplete' });
});

test('a list of repositories that changes while it is read is refused', async ({ github, relay, ref }) => {
  relay.instead = ({ path }) => {
    if (!path.startsWith('/installation/repositories')) return undefined;
    return /[?&]page=2\b/.test(path)
      ? repositoryList(2, 2)
      : { ...repositoryList(3, 1), headers: { link: `<${relay.url}/installation/repositories?page=2>; rel="next"` } };
  };
  await expect(github.repositories(ref.installationId)).rejects.toMatchObject({ code: 'github.incomplete' });
});

test('a repository is found under its name, and under the one that it had before', async ({ github, shop, ref }) => {
  expect(await github.repository(ref)).toEqual({ id: shop.id, fullName: 'acme/shop' });
  await shop.rename('store');
  expect(await github.repository(ref)).toEqual({
    id: shop.id,
    fullName: 'acme/store',
  });
});

test('a repository is undefined when GitHub does not show it, and only then', async ({ github, relay, ref }) => {
  expect(await github.repository({ ...ref, fullName: 'acme/nothing' })).toBeUndefined();
  relay.instead = ({ path }) => (path.startsWith('/repos/') ? { status: 500, body: {} } : undefined);
  await expect(github.repository(ref)).rejects.toMatchObject({ code: 'github.unavailable' });
  // Nobody was asked about the repository, as there is nobody to ask for.
  await expect(github.repository({ ...ref, installationId: 1 })).rejects.toMatchObject({ code: 'github.not_found' });
});

test('when the App is uninstalled mid-way, that is an error, and no repository counts as gone', async ({
  fake,
  github,
  shop,
  ref,
}) => {
  expect(await github.repository(ref)).toMatchObject({ id: shop.id });
  await fake.installation('acme').remove();
  await expect(github.repository(ref)).rejects.toMatchObject({ code: 'github.not_found' });
  await expect(github.repositories(ref.installationId)).rejects.toMatchObject({ code: 'github.not_found' });
  expect(await github.installation(ref.installationId)).toBeUndefined();
});

test('a suspended installation is an error, also for a token from before', async ({ fake, github, ref }) => {
  await github.repository(ref);
  await fake.installation('acme').suspend();
  await expect(github.repository(ref)).rejects.toMatchObject({ code: 'github.suspended' });
  expect(await github.installation(ref.installationId)).toMatchObject({ suspended: true });
});

test('where webhooks go is read, and an App without a webhook has no address', async ({ github, fake, relay }) => {
  fake.setWebhookUrl('http://127.0.0.1:1/webhooks/github');
  expect(await github.hook()).toEqual({ url: 'http://127.0.0.1:1/webhooks/github' });
  relay.change = (_call, body) => ({ ...(body as object), url: '' });
  expect(await github.hook()).toEqual({ url: undefined });
});

test('the newest deliveries of the webhook are read', async ({ github, fake, shop }) => {
  fake.setWebhookUrl('http://127.0.0.1:1/webhooks/github');
  await shop.open({ head: 'feat/cart' });
  const [newest] = await github.hookDeliveries();
  expect(newest).toMatchObject({ event: 'pull_request', action: 'opened', statusCode: expect.any(Number) });
  expect(newest?.deliveredAt.getTime()).toBeGreaterThan(0);
});

test('the id of a delivery keeps every digit, also of those that a number cannot hold', async ({ github, relay }) => {
  const delivery = '{"id":18446744073709551,"guid":"g","event":"ping","action":null,"status":"OK","status_code":200,';
  relay.instead = () => ({ status: 200, body: {}, raw: `[${delivery}"delivered_at":"2026-01-01T00:00:00Z"}]` });
  expect(await github.hookDeliveries()).toMatchObject([{ id: '18446744073709551', action: null }]);
});

test('a limit of the App itself is told as one', async ({ github, relay }) => {
  relay.instead = () => ({ status: 429, headers: { 'retry-after': '9' }, body: { message: 'slow down' } });
  await expect(github.installations()).rejects.toMatchObject({ details: { retryAfterMs: 9_000 } });
});
