import { startFakeGitHub, type FakeGitHub, type FakePull, type FakeRepository } from '@ephemera/fake-github';
import { connectGitHub } from '@ephemera/github';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { installationOf } from '../../test/installation.ts';
import { pullRequestKey, transition } from '../environment/transition.ts';
import type { Database } from '../store/database.ts';
import { updateEnvironment } from '../store/environments.ts';
import { reportState } from '../store/reports.ts';
import type { Environment } from '../store/schema.ts';
import { enqueue, finish } from '../store/work.ts';
import { publishReport } from './publish.ts';

interface Fixture {
  db: Database;
  fake: FakeGitHub;
  shop: FakeRepository;
  pull: FakePull;
  environment: Environment;
  /** One run of the report on the pull request, against this GitHub. */
  publish: (apiUrl?: string) => Promise<void>;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  fake: async ({}, use) => {
    await using fake = await startFakeGitHub();
    await use(fake);
    expect(fake.violations).toEqual([]);
  },
  shop: async ({ fake }, use) => {
    await use(await fake.repository({ owner: 'acme', name: 'shop' }));
  },
  pull: async ({ shop }, use) => {
    await use(await shop.open({ head: 'feat/cart' }));
  },
  environment: async ({ db, fake, shop, pull }, use) => {
    const about = { repositoryId: shop.id, prNumber: pull.number, commitSha: pull.sha(), wantedSha: pull.sha() };
    const installationId = await installationOf(fake, shop.fullName);
    await use(await storeEnvironment(db, { ...about, installationId, status: 'pending' }));
  },
  publish: async ({ db, fake, environment }, use) => {
    const { repositoryId, prNumber } = environment;
    await use(async (apiUrl = fake.url) => {
      const work = { kind: 'report', key: pullRequestKey(repositoryId, prNumber) } as const;
      await db.deleteFrom('work').execute();
      await enqueue(db, work);
      using claim = await claimFor(db, work);
      const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY_PATH: privateKeyPath } = fake.settings;
      await publishReport({ db, github: connectGitHub({ apiUrl, appId, privateKeyPath }) })(claim);
      await finish(db, claim.lease, 1);
    });
  },
});

const told = (pull: FakePull) => pull.view().statuses.map(({ state, description }) => `${state}: ${description}`);
const failure = { reason: 'kube.quota', message: 'The quota is full.' };

test('a report sets the commit status and writes the one comment; the next one edits it', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const provisioning = await transition(db, environment, { status: 'provisioning' });
  await publish();
  expect(told(pull)).toEqual(['pending: The environment is being prepared']);
  expect(pull.comments()).toHaveLength(1);
  expect(pull.comments()[0]?.body).toContain('Environment is being prepared');

  await transition(db, provisioning, { status: 'ready' });
  await publish();
  expect(told(pull).at(-1)).toBe('success: The environment is ready');
  expect(pull.view().statuses.at(-1)?.target_url).toBe(environment.environmentUrl);
  expect(pull.comments()).toHaveLength(1);
  expect(pull.comments()[0]?.body).toContain('Environment is ready');
});

test('a report that runs again with nothing new sets no status a second time', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await publish();
  await publish();
  expect(told(pull)).toHaveLength(1);
  expect(pull.comments()).toHaveLength(1);
});

test('a failure that healed before anybody reported it is told all the same', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const failed = await transition(db, environment, { status: 'failed', because: failure });
  await transition(db, failed, { status: 'ready' });
  await publish();
  expect(told(pull)).toEqual(['failure: The quota is full.', 'success: The environment is ready']);
});

test('while GitHub does not answer nothing counts as told, and later it is told once', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await expect(publish('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'github.unreachable' });
  expect(await reportState(db, environment.repositoryId, environment.prNumber)).toEqual({
    commentId: null,
    lastEventId: 0,
    lastStatus: null,
  });
  await publish();
  expect(told(pull)).toEqual(['success: The environment is ready']);
});

test('when the record of the comment is lost, the comment is found again instead of written twice', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await publish();
  await db.deleteFrom('reports').execute();
  await publish();
  expect(pull.comments()).toHaveLength(1);
});

test('what becomes of an earlier generation is told in the comment, and no longer as a status', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const { id: _id, ownerId: _owner, createdAt: _created, updatedAt: _updated, ...row } = environment;
  const old = await updateEnvironment(db, environment.id, { wantedState: 'closed' });
  const second = await storeEnvironment(db, { ...row, generation: 2, namespace: 'pr-1-second' });
  await transition(db, second, { status: 'ready' });
  await transition(db, old, { status: 'failed', because: { reason: 'x', message: 'a finalizer holds it' } });
  await publish();
  expect(told(pull)).toEqual(['success: The environment is ready']);
  expect(pull.comments()[0]?.body).toContain('a finalizer holds it');
});

test('after the end the status is Removed without a target, and nothing in the comment leads anywhere', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  const destroying = await transition(db, environment, { status: 'destroying' });
  await transition(db, destroying, { status: 'destroyed', destroyedAt: new Date() });
  await publish();
  expect(pull.view().statuses).toMatchObject([{ state: 'success', description: 'Removed', target_url: null }]);
  expect(pull.comments()[0]?.body).not.toContain('http');
});

test('a report about a pull request without an environment says nothing', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  await db.deleteFrom('environments').where('id', '=', environment.id).execute();
  await publish();
  expect(pull.comments()).toEqual([]);
  expect(told(pull)).toEqual([]);
});
