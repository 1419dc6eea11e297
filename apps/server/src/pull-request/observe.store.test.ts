import type { FakePull } from '@ephemera/fake-github';
import { connectGitHub } from '@ephemera/github';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import { test as base } from '../../test/with-github.ts';
import { claimFor } from '../../test/claim.ts';
import { installationOf } from '../../test/installation.ts';
import { pullRequestKey } from '../environment/transition.ts';
import type { Database } from '../store/database.ts';
import { deploymentsOf } from '../store/deployments.ts';
import { generations, updateEnvironment } from '../store/environments.ts';
import { timeline } from '../store/events.ts';
import { enqueue, finish, type Enqueue } from '../store/work.ts';
import { observePullRequest, type ObserveDeps } from './observe.ts';

interface Fixture {
  /** What the server does with an event about this pull request: enqueue, lease, look at GitHub, write. */
  observe: (pull: FakePull, change?: Partial<ObserveDeps> & { repositoryId?: number }) => Promise<void>;
}

const test = base.extend<Fixture>({
  observe: async ({ db, fake, shop }, use) => {
    const { settings } = fake;
    const github = connectGitHub({
      apiUrl: settings.GITHUB_API_URL,
      appId: settings.GITHUB_APP_ID,
      privateKeyPath: settings.GITHUB_APP_PRIVATE_KEY_PATH,
    });
    await use(async (pull, { repositoryId = shop.id, ...change } = {}) => {
      const work = { kind: 'pull-request', key: pullRequestKey(repositoryId, pull.number) } as const;
      const installationId = await installationOf(fake, shop.fullName);
      await enqueue(db, { ...work, hint: { installationId, repositoryFullName: shop.fullName } });
      using claim = await claimFor(db, work);
      const publicUrl = { scheme: 'http', port: () => 3001 } as const;
      const log = pino({ level: 'silent' });
      const deps = {
        db,
        github,
        instance: 'a1',
        drafts: 'include',
        baseDomain: 'preview.example',
        publicUrl,
        log,
      } as const;
      await observePullRequest({ ...deps, ...change })(claim);
      await finish(db, claim.lease, 1);
    });
  },
});

/** Everything that is due, as `kind key`, done with at once. */
async function due(db: Database): Promise<string[]> {
  const rows = await db.deleteFrom('work').returning(['kind', 'key']).execute();
  return rows.map(({ kind, key }) => `${kind} ${key}`).toSorted();
}

test('an opened pull request becomes an account, an environment, a deployment, an event and work', async ({
  db,
  shop,
  observe,
}) => {
  const pull = await shop.open({ head: 'feat/cart', title: 'Add a cart', author: 'octocat' });
  await observe(pull);

  const [environment, ...more] = await generations(db, shop.id, pull.number);
  expect(more).toEqual([]);
  expect(environment).toMatchObject({
    repositoryFullName: 'acme/shop',
    repositoryName: 'shop',
    generation: 1,
    prTitle: 'Add a cart',
    branchName: 'feat/cart',
    isFork: false,
    status: 'pending',
    commitSha: pull.sha(),
    wantedSha: pull.sha(),
    wantedState: 'open',
  });
  expect(environment?.namespace).toMatch(/^pr-1-shop-[0-9a-f]{10}$/);
  expect(environment?.host).toMatch(/^pr-1-[0-9a-f]{10}\.preview\.example$/);
  expect(environment?.environmentUrl).toBe(`http://${environment?.host}:3001`);
  const users = await db.selectFrom('users').selectAll().execute();
  expect(users).toMatchObject([{ id: environment?.ownerId, githubLogin: 'octocat' }]);
  const id = environment?.id ?? 0;
  expect(await deploymentsOf(db, id)).toMatchObject([{ commitSha: pull.sha(), status: 'queued' }]);
  expect(await timeline(db, id)).toMatchObject([{ kind: 'status', name: 'pending' }]);
  expect(await due(db)).toEqual([`environment ${id}`, `report ${shop.id}/1`]);
});

test('looking again when nothing happened changes nothing', async ({ db, shop, observe }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await observe(pull);
  await due(db);
  const before = await generations(db, shop.id, 1);
  await observe(pull);
  const after = await generations(db, shop.id, 1);
  const timeless = (rows: typeof before) => rows.map(({ updatedAt: _, ...row }) => row);
  expect(timeless(after)).toEqual(timeless(before));
  expect(await deploymentsOf(db, before[0]?.id ?? 0)).toHaveLength(1);
  expect(await due(db)).toEqual([]);
});

test('a push queues a deployment of the newest commit, however many came before it', async ({ db, shop, observe }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await observe(pull);
  await due(db);
  const first = pull.sha();
  await pull.push({ a: '1' });
  await pull.push({ a: '2' });
  await observe(pull);
  const [environment] = await generations(db, shop.id, 1);
  expect(environment).toMatchObject({ commitSha: first, wantedSha: pull.sha(), generation: 1 });
  const id = environment?.id ?? 0;
  expect((await deploymentsOf(db, id)).map(({ commitSha }) => commitSha)).toEqual([first, pull.sha()]);
  expect(await due(db)).toEqual([`environment ${id}`]);
});

test('a new title is told, without a deployment', async ({ db, shop, observe }) => {
  const pull = await shop.open({ head: 'feat/cart', title: 'old' });
  await observe(pull);
  await due(db);
  await pull.edit({ title: 'new' });
  await observe(pull);
  const [environment] = await generations(db, shop.id, 1);
  expect(environment?.prTitle).toBe('new');
  expect(await deploymentsOf(db, environment?.id ?? 0)).toHaveLength(1);
  expect(await due(db)).toEqual([`report ${shop.id}/1`]);
});

test('a closed pull request wants its environment gone; closing it twice is closing it once', async ({
  db,
  shop,
  observe,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await observe(pull);
  await due(db);
  await pull.close({ merge: true });
  await observe(pull);
  const [environment] = await generations(db, shop.id, 1);
  expect(environment).toMatchObject({ wantedState: 'closed', merged: true, status: 'pending' });
  expect(await due(db)).toEqual([`environment ${environment?.id}`]);
  await observe(pull);
  expect(await due(db)).toEqual([]);
});

test('a push and a close that are seen in one look end on the newest commit', async ({ db, shop, observe }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await observe(pull);
  await due(db);
  await pull.push({ 'cart.js': '2' });
  await pull.close();
  await observe(pull);
  const [environment] = await generations(db, shop.id, 1);
  expect(environment).toMatchObject({ wantedState: 'closed', wantedSha: pull.sha() });
});

test('reopened while the first environment is still being removed, a pull request gets a second generation', async ({
  db,
  shop,
  observe,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await observe(pull);
  await pull.close();
  await due(db);
  await observe(pull);
  const [first] = await generations(db, shop.id, 1);
  await updateEnvironment(db, first?.id ?? 0, { status: 'destroying' });
  await due(db);
  await pull.reopen();
  await observe(pull);

  const [second, before] = await generations(db, shop.id, 1);
  expect(before).toMatchObject({ id: first?.id, status: 'destroying', wantedState: 'closed' });
  expect(second).toMatchObject({ generation: 2, status: 'pending', wantedState: 'open', host: first?.host });
  expect(second?.namespace).not.toBe(first?.namespace);
  expect(await due(db)).toEqual([`environment ${second?.id}`, `report ${shop.id}/1`]);
});

test('closed before anybody looked, a pull request leaves no environment at all', async ({ db, shop, observe }) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await pull.close();
  await observe(pull);
  expect(await generations(db, shop.id, 1)).toEqual([]);
  expect(await due(db)).toEqual([]);
});

test('with DRAFTS=skip a draft gets nothing until it is ready for review, and then keeps it', async ({
  db,
  shop,
  observe,
}) => {
  const pull = await shop.open({ head: 'feat/cart', draft: true });
  await observe(pull, { drafts: 'skip' });
  expect(await generations(db, shop.id, 1)).toEqual([]);
  await pull.edit({ draft: false });
  await observe(pull, { drafts: 'skip' });
  await due(db);
  await pull.edit({ draft: true });
  await observe(pull, { drafts: 'skip' });
  expect(await generations(db, shop.id, 1)).toMatchObject([{ wantedState: 'open' }]);
});

test('a pull request from a fork is marked as one', async ({ db, shop, observe }) => {
  const pull = await shop.open({ head: 'feat/cart', author: 'stranger', fork: true });
  await observe(pull);
  expect(await generations(db, shop.id, 1)).toMatchObject([{ isFork: true }]);
});

test('hostile titles and branches are only data', async ({ db, shop, observe }) => {
  const hostile = `'; drop table environments; -- \${IFS}$(id) <b>"\``;
  const pull = await shop.open({ head: 'a";$(id)', title: `${hostile}\0` });
  await observe(pull);
  const [environment] = await generations(db, shop.id, 1);
  expect(environment).toMatchObject({ prTitle: hostile, branchName: 'a";$(id)' });
  expect(environment?.namespace).toMatch(/^[a-z0-9-]{1,63}$/);
});

test('another repository under the same name is refused by its id, and nothing is made for it', async ({
  db,
  shop,
  observe,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await expect(observe(pull, { repositoryId: 1 })).rejects.toMatchObject({
    code: 'pull_request.other_repository',
    details: { name: 'acme/shop', expected: 1, found: shop.id },
  });
  expect(await db.selectFrom('environments').selectAll().execute()).toEqual([]);
});

test('looking at a pull request while its environment is being worked on never ends in a deadlock', async ({
  db,
  shop,
  observe,
}) => {
  const pull = await shop.open({ head: 'feat/cart' });
  await observe(pull);
  const [environment] = await generations(db, shop.id, 1);
  const id = environment?.id ?? 0;
  await due(db);
  for (const change of [() => pull.push({ a: '1' }), () => pull.edit({ title: 'new' }), () => pull.close()]) {
    await change();
    const work: Enqueue = { kind: 'environment', key: String(id) };
    await enqueue(db, work);
    await enqueue(db, { kind: 'report', key: `${shop.id}/1` });
    await sql`update work set due_at = now() + interval '1 hour'`.execute(db);
    const handled = db.transaction().execute(async (tx) => {
      // As a handler's write does it: the work first, then what it works on.
      await sql`select 1 from work for update`.execute(tx);
      const observed = observe(pull);
      await vi.waitFor(async () => expect(await waiting(db)).toBe(1), { timeout: 5_000, interval: 10 });
      await updateEnvironment(tx, id, { reason: 'written meanwhile' });
      return { observed };
    });
    await (
      await handled
    ).observed;
    await due(db);
  }
  const [after] = await generations(db, shop.id, 1);
  expect(after).toMatchObject({ wantedState: 'closed', reason: 'written meanwhile', prTitle: 'new' });
});

/** How many connections of this database wait for a lock. */
async function waiting(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.count ?? 0;
}
