import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectCluster, instanceOwner, type Cluster } from '@ephemera/kube';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import { created, intend, living } from '../ledger/ledger.ts';
import type { Database } from '../store/database.ts';
import { deploymentsOf, queueDeployment } from '../store/deployments.ts';
import { environmentById } from '../store/environments.ts';
import { timeline } from '../store/events.ts';
import { enqueue, finish } from '../store/work.ts';
import type { Outcome } from '../work/outcome.ts';
import { reconcileEnvironment } from './reconcile.ts';

interface Fixture {
  db: Database;
  /** The real client, on an API server that refuses everything, or knows of nothing. */
  refusing: Cluster & {
    readonly calls: string[];
    readonly answer: { reason: 'Forbidden' | 'NotFound' | 'Unauthorized' };
  };
  /** What was logged, a line each. */
  logged: { level: number; msg: string; reason?: string }[];
  /** One run of the work of this environment. */
  reconcile: (id: number, now?: Date) => Promise<Outcome>;
}

const limits = {
  cpu: '1',
  memory: '2Gi',
  pods: 10,
  services: 20,
  persistentVolumeClaims: 10,
  secrets: 30,
  configMaps: 30,
  defaultCpu: '100m',
  defaultMemory: '200Mi',
};

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  refusing: async ({}, use) => {
    const calls: string[] = [];
    const answer: Fixture['refusing']['answer'] = { reason: 'Forbidden' };
    const api = createServer((request, response) => {
      const { reason } = answer;
      const code = { Forbidden: 403, NotFound: 404, Unauthorized: 401 }[reason];
      calls.push(`${request.method} ${request.url?.split('?')[0]}`);
      response.writeHead(code, { 'content-type': 'application/json' });
      // A NotFound names what it is about, as the API server's do.
      const refusal = { reason, code, message: 'not this server', details: { name: request.url?.split('/').at(-1) } };
      response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...refusal }));
    });
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const access = { name: 'refusing', source: 'a test', server, skipTlsVerify: false, identity: async () => ({}) };
    await using cluster = await connectCluster(access, instanceOwner('a1'));
    await use(Object.assign(cluster, { calls, answer }));
    api.closeAllConnections();
    api.close();
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  logged: async ({}, use) => {
    await use([]);
  },
  reconcile: async ({ db, refusing: cluster, logged }, use) => {
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as Fixture['logged'][number]) });
    await use(async (id, now = new Date()) => {
      const work = { kind: 'environment', key: String(id) } as const;
      await db.deleteFrom('work').execute();
      await enqueue(db, work);
      using claim = await claimFor(db, work);
      const outcome = await reconcileEnvironment({ db, cluster, limits, failedAfterMs: 600_000, now: () => now, log })(
        claim,
      );
      await finish(db, claim.lease, 1);
      return outcome;
    });
  },
});

const names = async (db: Database, id: number) => (await timeline(db, id)).map(({ name }) => name);
const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'pr-12-shop-0123456789' };
const closed = { wantedState: 'closed' } as const;

test('work for an environment that is not there, or is destroyed, asks the cluster nothing', async ({
  db,
  refusing,
  reconcile,
}) => {
  expect(await reconcile(999)).toEqual({ kind: 'done' });
  const { id } = await storeEnvironment(db, { ...closed, status: 'destroyed' });
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(refusing.calls).toEqual([]);
});

test('closed before anything was made, an environment is destroyed in one run, without the cluster', async ({
  db,
  refusing,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { ...closed, status: 'pending', wantedSha: shaOf('b') });
  await queueDeployment(db, id, shaOf('a'));
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(refusing.calls).toEqual([]);
  expect(await names(db, id)).toEqual(['destroying', 'destroyed']);
  expect(await deploymentsOf(db, id)).toMatchObject([{ status: 'superseded' }]);
  expect(await environmentById(db, id)).toMatchObject({
    status: 'destroyed',
    commitSha: shaOf('b'),
    reason: null,
    errorMessage: null,
    destroyedAt: expect.any(Date) as unknown,
  });
});

test('a namespace that the cluster refuses to make ends in failed, with the reason, and the intent stays', async ({
  db,
  reconcile,
}) => {
  const { id, commitSha } = await storeEnvironment(db, { status: 'pending' });
  await queueDeployment(db, id, commitSha);
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(await names(db, id)).toEqual(['provisioning', 'failed']);
  const failed = await environmentById(db, id);
  expect(failed?.reason).toMatch(/^kube\./);
  expect(failed?.errorMessage).toContain('not this server');
  expect(await deploymentsOf(db, id)).toMatchObject([{ status: 'failed' }]);
  expect(await living(db, id)).toMatchObject([{ kind: 'Namespace', uid: null }]);
  expect(await reconcile(id)).toEqual({ kind: 'done' });
});

test('a namespace that was begun with and never confirmed is not believed to be gone while the call may still take effect', async ({
  db,
  refusing,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, closed);
  await intend(db, id, namespace);
  refusing.answer.reason = 'NotFound';

  expect(await reconcile(id)).toMatchObject({ kind: 'again' });
  expect(await environmentById(db, id)).toMatchObject({ status: 'destroying' });
  expect(await living(db, id)).toHaveLength(1);

  const later = new Date(Date.now() + 120_000);
  expect(await reconcile(id, later)).toEqual({ kind: 'done' });
  expect(await environmentById(db, id)).toMatchObject({ status: 'destroyed' });
  expect(await living(db, id)).toEqual([]);
});

test('a namespace that was confirmed and is not found any more is gone at once', async ({
  db,
  refusing,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, closed);
  await intend(db, id, namespace);
  await created(db, id, namespace, 'uid-1');
  refusing.answer.reason = 'NotFound';
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(await environmentById(db, id)).toMatchObject({ status: 'destroyed' });
});

test('what holds an environment up is told once, however often it is tried', async ({ db, refusing, reconcile }) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  refusing.answer.reason = 'Unauthorized';
  const reported = async () =>
    (await db.selectFrom('work').select('kind').execute()).some(({ kind }) => kind === 'report');

  await expect(reconcile(id)).rejects.toMatchObject({ code: 'kube.unauthenticated' });
  expect(await reported()).toBe(true);
  expect(await environmentById(db, id)).toMatchObject({ status: 'provisioning', reason: 'kube.unauthenticated' });

  await expect(reconcile(id)).rejects.toMatchObject({ code: 'kube.unauthenticated' });
  expect(await reported()).toBe(false);
  expect(await environmentById(db, id)).toMatchObject({ status: 'provisioning', reason: 'kube.unauthenticated' });
});

test('a failure is logged once, with the environment and the reason', async ({ db, reconcile, logged }) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  await reconcile(id);
  const failed = await environmentById(db, id);
  expect(logged).toMatchObject([
    { level: 50, msg: 'an environment failed', environment: id, namespace: failed?.namespace, reason: failed?.reason },
  ]);
});

test('a removal that the cluster refuses shows destroying with the reason, failed when it has taken too long, and is tried on', async ({
  db,
  refusing,
  reconcile,
}) => {
  const environment = await storeEnvironment(db, closed);
  const { id } = environment;
  await intend(db, id, namespace);
  await created(db, id, namespace, 'uid-1');
  const start = new Date();

  expect(await reconcile(id, start)).toMatchObject({ kind: 'again' });
  const destroying = await environmentById(db, id);
  expect(destroying?.status).toBe('destroying');
  expect(destroying?.errorMessage).toContain('Namespace pr-12-shop-0123456789 cannot be removed');
  expect(destroying?.reason).toMatch(/^kube\./);

  const tried = refusing.calls.length;
  expect(await reconcile(id, new Date(start.getTime() + 601_000))).toMatchObject({ kind: 'again' });
  expect((await environmentById(db, id))?.status).toBe('failed');
  expect(refusing.calls.length).toBeGreaterThan(tried);
  expect(await reconcile(id, new Date(start.getTime() + 700_000))).toMatchObject({ kind: 'again' });
  expect(await names(db, id)).toEqual(['destroying', 'failed']);
  expect(await living(db, id)).toHaveLength(1);
});

test('an error while looking for a namespace is no absence: the environment stays as it is', async ({
  db,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db);
  await intend(db, id, namespace);
  await created(db, id, namespace, 'uid-1');
  await expect(reconcile(id)).rejects.toMatchObject({ code: expect.stringMatching(/^kube\./) as unknown });
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready' });
  expect(await names(db, id)).toEqual([]);
});
