import { kubectlJson } from '@ephemera/local-cluster/kubectl';
import { startFakeGitHub, type FakeGitHub } from '@ephemera/fake-github';
import { expect, onTestFinished, test } from 'vitest';
import { authorizationFor } from './authorization.ts';
import { cloneDatabase, type TestDatabase } from './database.ts';
import { startKubeProxy, type KubeProxy } from './faults/kube-proxy.ts';
import { startStoppableServer, type StoppableServer } from './stoppable-server.ts';
import { clusterSettings, soon, told } from './world.ts';

interface Scene {
  readonly github: FakeGitHub;
  readonly database: TestDatabase;
  readonly proxy: KubeProxy;
  /** Reaches the cluster through the proxy only. */
  readonly first: StoppableServer;
  /** Starts another server on the same database, with a way of its own to the cluster. */
  readonly another: () => Promise<StoppableServer>;
  readonly headers: Readonly<Record<string, string>>;
}

async function firstServer(settings: Readonly<Record<string, string>>): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const github = stack.use(await startFakeGitHub({ port: 0 }));
  const database = stack.use(await cloneDatabase());
  const proxy = stack.use(await startKubeProxy());
  const common = { ...github.settings, DATABASE_URL: database.url, ...settings };
  const first = stack.use(await startStoppableServer({ ...common, KUBECONFIG_PATH: proxy.kubeconfigPath }));
  const another = async () => stack.use(await startStoppableServer({ ...common, ...clusterSettings() }));
  const headers = await authorizationFor(common);
  return { github, database, proxy, first, another, headers };
}

/** The first server is in the middle of making an environment: its call for the quota does not come back. */
async function heldInTheMiddle({ github, proxy, first }: Scene) {
  github.setWebhookUrl(`${first.url}/webhooks/github`);
  const held = proxy.rule({ method: 'PATCH', path: /\/resourcequotas\//, fate: 'hold' });
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await held.reached;
  return pull;
}

async function namespacesOf({ database }: Scene): Promise<string[]> {
  const { id } = await database.db.selectFrom('instance').select('id').executeTakeFirstOrThrow();
  const { items } = await kubectlJson<{ items: { metadata: { name: string } }[] }>(
    'get',
    'namespaces',
    '-l',
    `ephemera.dev/instance=${id}`,
  );
  return items.map(({ metadata }) => metadata.name);
}

/** Everything that a worker might have written about environments. */
async function written({ database: { db } }: Scene): Promise<object> {
  const [environments, events, ledger, deployments] = await Promise.all([
    db.selectFrom('environments').selectAll().orderBy('id').execute(),
    db.selectFrom('events').selectAll().orderBy('id').execute(),
    db.selectFrom('ledger').selectAll().orderBy('id').execute(),
    db.selectFrom('deployments').selectAll().orderBy('id').execute(),
  ]);
  return { environments, events, ledger, deployments };
}

test('SIGTERM: not ready at once, webhooks are still taken, what hangs is cut off and another server goes on, exit 0 in time', async () => {
  // Only a lease that is given back can be taken over within the time of this test.
  const scene = await firstServer({ WORK_LEASE_SECONDS: '600' });
  const { github, first } = scene;
  const pull = await heldInTheMiddle(scene);
  // Only now: it would have taken the work itself.
  const second = await scene.another();

  first.signal('SIGTERM');
  await soon(async () => {
    const ready = await fetch(`${first.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { database: 'ok', server: 'the server is stopping' } });
  });
  const [opened] = github.deliveries();
  expect(await github.redeliver(opened?.id ?? '')).toMatchObject({ status: 202 });

  expect(await first.ended).toMatchObject({ code: 0, signal: null, ms: expect.toSatisfy((ms: number) => ms < 15_000) });
  await soon(async () => expect(told(pull)).toBe('success: The environment is ready'));

  github.setWebhookUrl(`${second.url}/webhooks/github`);
  await pull.close();
  await soon(async () => expect(told(pull)).toBe('success: Removed'));
  expect(await namespacesOf(scene)).toEqual([]);
});

test('a server with nothing to do ends at once', async () => {
  const { first } = await firstServer({});
  first.signal('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0, ms: expect.toSatisfy((ms: number) => ms < 6_000) });
});

test('a worker that was paused beyond its lease changes nothing when it comes back', async () => {
  const scene = await firstServer({ WORK_LEASE_SECONDS: '2' });
  const { github, proxy, first, headers } = scene;
  const pull = await heldInTheMiddle(scene);
  first.signal('SIGSTOP');
  const second = await scene.another();

  github.setWebhookUrl(`${second.url}/webhooks/github`);
  await soon(async () => expect(told(pull)).toBe('success: The environment is ready'));
  await pull.close();
  await soon(async () => expect(told(pull)).toBe('success: Removed'));
  const before = await written(scene);

  first.signal('SIGCONT');
  proxy.clear();
  proxy.release();
  await soon(async () => {
    const metrics = await (await fetch(`${first.url}/metrics`, { headers })).text();
    expect(metrics).toContain('ephemera_work_runs_total{kind="environment",outcome="lease_lost"} 1');
  });
  expect(await written(scene)).toEqual(before);
  expect(await namespacesOf(scene)).toEqual([]);
});
