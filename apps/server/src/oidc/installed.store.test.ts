import { startFakeGitHub } from '@ephemera/fake-github';
import { decodeJwt } from 'jose';
import { expect, vi } from 'vitest';
import { test as base } from '../../test/with-github.ts';
import { cloneDatabase } from '../../test/database.ts';
import { installationOf } from '../../test/installation.ts';
import { audience, workflowsOf } from '../../test/workflows.ts';
import { markInstallationRemoved, saveInstallation } from '../store/installations.ts';
import { markRepositoryMissing, saveRepository } from '../store/repositories.ts';

interface Fixture {
  /** A token of a run there. */
  token: string;
  /** Writes down what webhooks would have said of `acme/shop`. */
  hear: (change?: { account?: string; suspended?: boolean }) => Promise<number>;
  /** How often GitHub was asked for the installation on a repository. */
  asked: () => number;
}

const test = base.extend<Fixture>({
  token: async ({ shop }, use) => {
    await use(await shop.run().idToken(audience));
  },
  hear: async ({ db, fake, shop }, use) => {
    const id = await installationOf(fake, 'acme/shop');
    await use(async ({ account = 'acme', suspended = false } = {}) => {
      await saveInstallation(db, { id, account, suspended, permissions: {} });
      await saveRepository(db, { id: shop.id, installationId: id, fullName: 'acme/shop' });
      return id;
    });
  },
  asked: async ({ fake }, use) => {
    const count = () => fake.requests().find(({ route }) => route === '/repos/{owner}/{repo}/installation')?.count ?? 0;
    const before = count();
    await use(() => count() - before);
  },
});

const notAllowed = (because: string) => ({
  code: 'oidc.repository_not_allowed',
  retryable: false,
  message: expect.stringContaining(because) as string,
});

test('where the App is installed a workflow is its repository’s caller, for pull-request jobs alone', async ({
  db,
  fake,
  shop,
  token,
}) => {
  const { jti, iss, exp = 0, run_id: runId } = decodeJwt(token);
  expect(await workflowsOf(db, fake)(token)).toEqual({
    name: `acme/shop (GitHub Actions run ${String(runId)})`,
    account: `repository:${shop.id}`,
    scopes: ['pr-jobs:create', 'pr-jobs:status', 'pr-jobs:logs', 'pr-jobs:cleanup'],
    repositoryIds: [shop.id],
    namespaces: undefined,
    images: undefined,
    repository: { id: shop.id, fullName: 'acme/shop' },
    once: { issuer: iss, jti, expiresAt: new Date((exp + 60) * 1000) },
  });
});

test('where the App is not installed the refusal names the repository, both ids and both settings', async ({
  db,
  fake,
  shop,
  token,
}) => {
  await fake.installation('acme').remove();
  const ownerId = Number(decodeJwt(token)['repository_owner_id']);
  await expect(workflowsOf(db, fake)(token)).rejects.toMatchObject({
    ...notAllowed(`acme/shop (repository ${shop.id}, owner ${ownerId})`),
    hint: expect.stringMatching(
      new RegExp(`add ${shop.id} to OIDC_REPOSITORY_IDS or ${ownerId} to OIDC_OWNER_IDS`),
    ) as string,
  });
});

test('a repository or an owner that is listed needs no App, by id and by nothing else', async ({
  db,
  fake,
  shop,
  token,
}) => {
  const ownerId = Number(decodeJwt(token)['repository_owner_id']);
  const without = { app: false };
  await expect(workflowsOf(db, fake, without)(token)).rejects.toMatchObject(notAllowed('no GitHub App'));
  expect(await workflowsOf(db, fake, { ...without, repositoryIds: [1, shop.id] })(token)).toMatchObject({
    repositoryIds: [shop.id],
  });
  expect(await workflowsOf(db, fake, { ...without, ownerIds: [ownerId] })(token)).toMatchObject({
    repositoryIds: [shop.id],
  });
  // An id of one kind in the list of the other.
  const swapped = { ...without, repositoryIds: [ownerId], ownerIds: [shop.id] };
  await expect(workflowsOf(db, fake, swapped)(token)).rejects.toMatchObject(notAllowed('no GitHub App'));
});

test('while the App’s installation is suspended its repositories are refused', async ({ db, fake, token }) => {
  await fake.installation('acme').suspend();
  await expect(workflowsOf(db, fake)(token)).rejects.toMatchObject(notAllowed('suspended'));
  await fake.installation('acme').unsuspend();
  expect(await workflowsOf(db, fake)(token)).toMatchObject({ repository: { fullName: 'acme/shop' } });
});

test('what webhooks have told of the App is enough, also while GitHub is away', async ({
  db,
  fake,
  token,
  hear,
  asked,
}) => {
  await hear({ account: 'ACME' });
  fake.faults([{ match: { path: '/repos/**' }, fault: { status: 503 } }]);
  expect(await workflowsOf(db, fake)(token)).toMatchObject({ repository: { fullName: 'acme/shop' } });
  expect(asked()).toBe(0);
});

test('GitHub decides where what was heard says no, is of another account, or of a repository that is missing', async ({
  db,
  fake,
  shop,
  token,
  hear,
  asked,
}) => {
  const workflows = workflowsOf(db, fake);
  const id = await hear({ suspended: true });
  expect(await workflows(token)).toMatchObject({ repositoryIds: [shop.id] });
  expect(asked()).toBe(1);
  await hear({ account: 'globex' });
  expect(await workflows(token)).toMatchObject({ repositoryIds: [shop.id] });
  expect(asked()).toBe(2);
  await hear();
  await markRepositoryMissing(db, shop.id);
  expect(await workflows(token)).toMatchObject({ repositoryIds: [shop.id] });
  expect(asked()).toBe(3);
  await hear();
  await markInstallationRemoved(db, id);
  expect(await workflows(token)).toMatchObject({ repositoryIds: [shop.id] });
  expect(asked()).toBe(4);
});

test('a yes of GitHub is good for three minutes, unless a suspension is heard of', async ({
  db,
  fake,
  token,
  hear,
  asked,
}) => {
  const workflows = workflowsOf(db, fake);
  await Promise.all([workflows(token), workflows(token)]);
  await workflows(token);
  expect(asked()).toBe(1);
  await fake.installation('acme').suspend();
  await hear({ suspended: true });
  await expect(workflows(token)).rejects.toMatchObject(notAllowed('suspended'));
  await expect(workflows(token)).rejects.toMatchObject(notAllowed('suspended'));
  expect(asked()).toBe(2);
});

test('while GitHub does not say whether the App is installed nobody is let in for it, and the next answer counts', async ({
  db,
  fake,
  token,
}) => {
  const clock = { now: 0 };
  const workflows = workflowsOf(db, fake, { askNow: () => clock.now });
  const away = { code: 'oidc.github_unavailable', retryable: true };
  for (const fault of [{ status: 503 }, { reset: true as const }, { status: 429, headers: { 'retry-after': '1' } }]) {
    for (const path of ['/repos/*/*/installation', '/repos/*/*']) {
      fake.faults([{ match: { path }, fault }]);
      await expect(workflows(token)).rejects.toMatchObject(away);
      clock.now += 60_000;
    }
  }
  fake.clearFaults();
  expect(await workflows(token)).toMatchObject({ repository: { fullName: 'acme/shop' } });
});

test('of an account that nobody has heard of GitHub is asked once in a minute, and the rest is 503 until then', async ({
  db,
  fake,
  token,
  asked,
}) => {
  await fake.installation('acme').remove();
  const clock = { now: 0 };
  const warn = vi.fn<() => void>();
  const workflows = workflowsOf(db, fake, { askNow: () => clock.now, log: { debug: () => {}, warn } });
  await expect(workflows(token)).rejects.toMatchObject(notAllowed('not installed'));
  const tokenOf = async (name: string) => (await fake.repository({ owner: 'acme', name })).run().idToken(audience);
  const blog = await tokenOf('blog');
  for (const other of [blog, await tokenOf('wiki')])
    await expect(workflows(other)).rejects.toMatchObject({
      code: 'oidc.github_busy',
      retryable: true,
      details: { retryAfterSeconds: 60 },
    });
  expect(asked()).toBe(1);
  // What was answered for the first one is still known.
  await expect(workflows(token)).rejects.toMatchObject(notAllowed('not installed'));
  clock.now = 60_000;
  await expect(workflows(blog)).rejects.toMatchObject(notAllowed('not installed'));
  expect(asked()).toBe(2);
  expect(warn).toHaveBeenCalledTimes(1);
});

test.each(['heard of by webhook', 'found at GitHub a moment ago'])(
  'repositories of an account whose App was %s do not wait for each other',
  async (how) => {
    await using database = await cloneDatabase();
    await using fake = await startFakeGitHub();
    const { db } = database;
    const shop = await fake.repository({ owner: 'acme', name: 'shop' });
    const blog = await fake.repository({ owner: 'acme', name: 'blog' });
    if (how === 'heard of by webhook') {
      const id = await installationOf(fake, 'acme/shop');
      await saveInstallation(db, { id, account: 'ACME', suspended: true, permissions: {} });
    }
    const workflows = workflowsOf(db, fake);
    for (const { id, run } of [shop, blog]) {
      const token = await run().idToken(audience);
      expect(await workflows(token)).toMatchObject({ repositoryIds: [id] });
    }
  },
);

test('a repository that was renamed is the same by its id, with tokens from before and after', async ({
  db,
  fake,
  shop,
  token,
  hear,
}) => {
  await shop.rename('store');
  const renamed = await shop.run().idToken(audience);
  for (const heard of [false, true]) {
    if (heard) await hear();
    expect(await workflowsOf(db, fake)(token)).toMatchObject({ repositoryIds: [shop.id] });
    expect(await workflowsOf(db, fake)(renamed)).toMatchObject({
      repositoryIds: [shop.id],
      account: `repository:${shop.id}`,
      repository: { fullName: 'acme/store' },
    });
  }
});

test('a repository that took the name of another one is let in as itself, never as the other', async ({
  db,
  fake,
  shop,
  token,
  hear,
}) => {
  await hear();
  await shop.rename('store');
  const taker = await fake.repository({ owner: 'acme', name: 'shop' });
  const own = await taker.run().idToken(audience);
  expect(await workflowsOf(db, fake)(own)).toMatchObject({
    repositoryIds: [taker.id],
    account: `repository:${taker.id}`,
  });
  await expect(workflowsOf(db, fake, { app: false, repositoryIds: [shop.id] })(own)).rejects.toMatchObject({
    code: 'oidc.repository_not_allowed',
  });
  // The name that the older token tells leads to the taker now: that the App is installed there says nothing of the id.
  await db.deleteFrom('repositories').execute();
  await expect(workflowsOf(db, fake)(token)).rejects.toMatchObject(notAllowed('not installed'));
});

test('the name of a repository with the App does not help an id that GitHub does not show under it', async ({
  db,
  fake,
  shop,
  hear,
}) => {
  await hear();
  const claims = { repository_id: String(shop.id + 1) };
  const strange = await shop.run({ claims }).idToken(audience);
  await expect(workflowsOf(db, fake)(strange)).rejects.toMatchObject(notAllowed('not installed'));
});

test('a repository that moved to an account without the App is refused, whatever was heard before', async ({
  db,
  fake,
  shop,
  hear,
}) => {
  await hear();
  await fake.installation('globex').remove();
  await shop.transfer('globex');
  const moved = await shop.run().idToken(audience);
  await expect(workflowsOf(db, fake)(moved)).rejects.toMatchObject(notAllowed('not installed'));
});
