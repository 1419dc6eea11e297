import type { Cluster } from '@ephemera/kube';
import { expect, test as base } from 'vitest';
import { startObjectServer, type ObjectServer } from '../../test/object-server.ts';
import { createClusters, type ClustersOptions } from './clusters.ts';

/** A kubeconfig whose contexts lead to these servers, as a variable holds it. */
function kubeconfig(servers: Readonly<Record<string, string>>): string {
  const names = Object.entries(servers);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0]?.[0],
    contexts: names.map(([name]) => ({ name, context: { cluster: name, user: 'me' } })),
    clusters: names.map(([name, server]) => ({ name, cluster: { server } })),
    users: [{ name: 'me', user: { token: 'very-secret' } }],
  };
  return Buffer.from(JSON.stringify(config)).toString('base64');
}

const kubeSystem = '/api/v1/namespaces/kube-system';

interface CountedServer extends ObjectServer {
  /** How often it was asked which cluster it is. */
  readonly asked: () => number;
  /** Its address, by another name of this machine. */
  readonly otherAddress: string;
}

async function startCluster(uid: string): Promise<CountedServer> {
  const server = await startObjectServer();
  server.objects.set('/version', { kind: 'Info', metadata: {}, gitVersion: 'v1.36.3' });
  server.objects.set(kubeSystem, { kind: 'Namespace', metadata: { name: 'kube-system', uid } });
  let asked = 0;
  server.before.each = (_method, path) => {
    if (path === kubeSystem) asked += 1;
    return undefined;
  };
  return {
    ...server,
    asked: () => asked,
    otherAddress: server.cluster.server.replace('127.0.0.1', 'localhost'),
  };
}

interface Fixture {
  own: CountedServer;
  eu: CountedServer;
  us: CountedServer;
  environment: Readonly<Record<string, string>>;
  start: (options?: Partial<ClustersOptions>) => ReturnType<typeof createClusters>;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  own: async ({}, use) => {
    await using server = await startCluster('uid-of-own');
    await use(server);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  eu: async ({}, use) => {
    await using server = await startCluster('uid-of-eu');
    await use(server);
  },
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  us: async ({}, use) => {
    await using server = await startCluster('uid-of-us');
    await use(server);
  },
  environment: async ({ own, eu, us }, use) => {
    await use({
      KUBECONFIG_PATH: '/nowhere/at/all',
      KUBECONFIG_PROD: kubeconfig({ eu: eu.cluster.server, us: us.cluster.server }),
      KUBECONFIG_SAME: kubeconfig({ 'eu-again': `${eu.cluster.server}/` }),
      KUBECONFIG_EDGE: kubeconfig({ 'eu-outside': eu.otherAddress }),
      KUBECONFIG_OWN: kubeconfig({ mine: own.cluster.server }),
      KUBECONFIG_OUTSIDE: kubeconfig({ 'mine-outside': own.otherAddress }),
      KUBECONFIG_BROKEN: 'no base64!',
    });
  },
  start: async ({ own, environment }, use) => {
    await using stack = new AsyncDisposableStack();
    await use((options = {}) =>
      stack.use(
        createClusters({
          own: own.cluster,
          ownNames: ['Shown', 'own-context'],
          instance: 'a1',
          environment,
          ...options,
        }),
      ),
    );
  },
});

test.for([undefined, '', 'Shown', 'own-context', 'mine', 'OWN', 'own', 'OUTSIDE', 'mine-outside'])(
  'the name %j is the server’s own cluster',
  async (name, { start, own }) => {
    const located = await start().locate(name);
    expect(located.key).toBe('');
    expect(located.cluster).toBe(own.cluster);
  },
);

test('whichever of its names and addresses a cluster is called by, it is known by one, which leads to it again', async ({
  start,
  eu,
  us,
}) => {
  const clusters = start();
  const names = ['PROD', 'prod', 'eu', 'EU', 'SAME', 'eu-again', 'EDGE', 'eu-outside'];
  const located = await Promise.all(names.map(async (name) => clusters.locate(name)));
  expect(new Set(located.map(({ key }) => key))).toEqual(new Set(['uid:uid-of-eu']));
  const again = await clusters.at('uid:uid-of-eu');
  expect(again.key).toBe('uid:uid-of-eu');
  expect([eu.cluster.server, `${eu.cluster.server}/`, eu.otherAddress]).toContain(again.cluster.server);
  expect(await clusters.locate('us')).toMatchObject({
    key: 'uid:uid-of-us',
    cluster: expect.objectContaining({ server: us.cluster.server }) as Cluster,
  });
});

test('a cluster that is named later under another name changes nothing of how it is known', async ({
  start,
  environment,
  eu,
}) => {
  const before = await start().locate('PROD');
  const more = { KUBECONFIG_AAA: kubeconfig({ aaa: eu.otherAddress }), ...environment };
  expect((await start({ environment: more }).locate('PROD')).key).toBe(before.key);
});

test('a cluster is connected to and asked who it is once for each of its contexts', async ({ start, eu }) => {
  const clusters = start();
  const [first, ...others] = await Promise.all(['PROD', 'prod', 'eu', 'EU'].map(async (name) => clusters.locate(name)));
  for (const { cluster } of others) expect(cluster).toBe(first?.cluster);
  expect(eu.asked()).toBe(1);
  await clusters.locate('EDGE');
  await clusters.locate('EDGE');
  expect(eu.asked()).toBe(2);
});

test('where no account may read who a cluster is, it is known by its address, however that is written', async ({
  start,
  eu,
}) => {
  eu.before.each = (_method, path) => (path === kubeSystem ? { code: 403, reason: 'Forbidden' } : undefined);
  const clusters = start();
  const { key } = await clusters.locate('PROD');
  expect(key).toBe(eu.cluster.server);
  expect((await clusters.locate('SAME')).key).toBe(key);
  expect((await clusters.at(key)).key).toBe(key);
});

test('of the accounts at one address one that may read who the cluster is is enough', async ({ start, eu }) => {
  let refusals = 1;
  eu.before.each = (_method, path) => {
    if (path !== kubeSystem || refusals === 0) return undefined;
    refusals -= 1;
    return { code: 403, reason: 'Forbidden' };
  };
  expect((await start().locate('SAME')).key).toBe('uid:uid-of-eu');
});

test('a cluster that does not say who it is cannot be used until it does, and is known by the same then', async ({
  start,
  eu,
}) => {
  const { each } = eu.before;
  eu.before.each = () => ({ code: 401, reason: 'Unauthorized' });
  const clusters = start();
  await expect(clusters.locate('PROD')).rejects.toMatchObject({ code: 'kube.unauthenticated' });
  await expect(clusters.at('uid:uid-of-eu')).rejects.toMatchObject({ code: 'kube.unauthenticated' });
  eu.before.each = each;
  expect((await clusters.locate('PROD')).key).toBe('uid:uid-of-eu');
  expect((await clusters.at('uid:uid-of-eu')).key).toBe('uid:uid-of-eu');
});

test('what is made in a named cluster carries this server’s mark', async ({ start }) => {
  const { cluster } = await start().locate('us');
  expect(cluster.owner).toEqual({ labels: { 'ephemera.dev/instance': 'a1' } });
});

test('a name that nothing has is refused with the names of clusters, without contexts, and never with what a kubeconfig holds', async ({
  start,
}) => {
  const details = { clusterName: 'elsewhere', known: ['EDGE', 'OUTSIDE', 'OWN', 'PROD', 'SAME'] };
  await expect(start().locate('elsewhere')).rejects.toMatchObject({ code: 'pr_job.cluster_unknown', details });
  await expect(start({ allowed: ['us'] }).locate('elsewhere')).rejects.toMatchObject({
    code: 'pr_job.cluster_unknown',
    details: { clusterName: 'elsewhere', known: ['us'] },
  });
});

test('without named clusters there is the server’s own only, whatever other contexts its kubeconfig has', async ({
  start,
  own,
}) => {
  const clusters = start({ environment: {} });
  await expect(clusters.locate('default')).rejects.toMatchObject({ code: 'pr_job.cluster_unknown' });
  expect((await clusters.locate('Shown')).cluster).toBe(own.cluster);
});

test('callers may name the clusters that are allowed, under any of their names, and the server’s own always', async ({
  start,
  us,
}) => {
  const clusters = start({ allowed: ['PROD', 'gone'] });
  for (const name of ['prod', 'eu', 'EU']) expect((await clusters.locate(name)).key).toBe('uid:uid-of-eu');
  for (const name of [undefined, 'Shown']) expect((await clusters.locate(name)).key).toBe('');
  await expect(clusters.locate('us')).rejects.toMatchObject({
    code: 'pr_job.cluster_not_allowed',
    message: 'Pull-request jobs may not use the cluster us here: allowed are PROD, gone.',
  });
  await expect(start({ allowed: [] }).locate('us')).rejects.toThrow('here: only the server’s own is.');
  expect(us.asked()).toBe(0);
});

test('the server itself reaches what callers may no longer name, to remove what they left there', async ({ start }) => {
  const clusters = start({ allowed: [] });
  expect((await clusters.at('uid:uid-of-us')).key).toBe('uid:uid-of-us');
  expect((await clusters.at('us')).key).toBe('uid:uid-of-us');
  for (const key of ['', 'uid:uid-of-own']) expect((await clusters.at(key)).key).toBe('');
  await expect(clusters.at('uid:of-a-cluster-that-was-taken-away')).rejects.toMatchObject({
    code: 'pr_job.cluster_unknown',
  });
});
