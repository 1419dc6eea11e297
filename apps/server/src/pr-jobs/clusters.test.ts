import type { Cluster } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { createClusters } from './clusters.ts';

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

const own = { name: 'own-context', server: 'https://own.example' } as Cluster;
const environment = {
  KUBECONFIG_PATH: '/nowhere/at/all',
  KUBECONFIG_PROD: kubeconfig({ eu: 'https://eu.example', us: 'https://us.example' }),
  KUBECONFIG_SAME: kubeconfig({ 'eu-again': 'https://eu.example' }),
  KUBECONFIG_OWN: kubeconfig({ mine: 'https://own.example' }),
  KUBECONFIG_BROKEN: 'no base64!',
};

const start = (variables: Readonly<Record<string, string>> = environment) =>
  createClusters({ own, ownNames: ['Shown', 'own-context'], instance: 'a1', environment: variables });

test.each([undefined, '', 'Shown', 'own-context', 'mine', 'OWN', 'own'])(
  'the name %j is the server’s own cluster',
  async (name) => {
    await using clusters = start();
    expect(await clusters.locate(name)).toEqual({ key: '', cluster: own });
    expect(await clusters.get(name)).toBe(own);
  },
);

test('whichever of its names a cluster is called by, it is known by one, which leads to it again', async () => {
  await using clusters = start();
  const located = await Promise.all(
    ['PROD', 'prod', 'eu', 'EU', 'SAME', 'eu-again'].map(async (name) => clusters.locate(name)),
  );
  const [first] = located;
  expect(new Set(located.map(({ key }) => key)).size).toBe(1);
  for (const { cluster } of located) expect(cluster).toBe(first?.cluster);
  expect(first?.cluster.server).toBe('https://eu.example');
  expect((await clusters.locate(first?.key)).cluster).toBe(first?.cluster);
  expect((await clusters.locate('us')).cluster.server).toBe('https://us.example');
  expect((await clusters.locate('us')).key).not.toBe(first?.key);
});

test('what is made in a named cluster carries this server’s mark', async () => {
  await using clusters = start();
  expect((await clusters.get('us')).owner).toEqual({ labels: { 'ephemera.dev/instance': 'a1' } });
});

test('a name that nothing has is refused with the names that there are, and never with what a kubeconfig holds', async () => {
  await using clusters = start();
  const refusal = expect.objectContaining({
    code: 'pr_job.cluster_unknown',
    message: expect.stringMatching(/^(?!.*secret).*PROD/) as unknown,
  }) as unknown;
  await expect(clusters.get('elsewhere')).rejects.toEqual(refusal);
});

test('without named clusters there is the server’s own only, whatever other contexts its kubeconfig has', async () => {
  await using clusters = start({});
  await expect(clusters.get('default')).rejects.toMatchObject({ code: 'pr_job.cluster_unknown' });
  expect(await clusters.get('Shown')).toBe(own);
});
