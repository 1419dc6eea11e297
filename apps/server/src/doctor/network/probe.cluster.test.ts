import { randomBytes } from 'node:crypto';
import { connectCluster, instanceOwner, findAccess, type Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { expect, test as base, vi } from 'vitest';
import { defaultProbeImage, probePolicies } from './probe.ts';

interface Fixture {
  cluster: Cluster;
  suffix: string;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  suffix: async ({}, use) => use(randomBytes(5).toString('hex')),
  cluster: async ({ suffix }, use) => {
    const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
    await using cluster = await connectCluster(findAccess({ kubeconfigPath, context }), instanceOwner(suffix));
    await use(cluster);
    const { items } = await cluster.list('v1/Namespace', { labelSelector: cluster.ours });
    expect(items.map(({ metadata }) => metadata.name)).toEqual([]);
  },
});

const never = () => new AbortController().signal;

test.runIf(process.env.EPHEMERA_TEST_CONTEXT === undefined)(
  'on a cluster without a network plugin that enforces policies the probe says so, and leaves nothing',
  async ({ cluster, suffix }) => {
    const verdict = await probePolicies({ cluster, image: defaultProbeImage, suffix }, never());
    expect(verdict).toMatchObject({ ok: null, detail: expect.stringContaining('not enforced') as unknown });
  },
);

/** As a plugin does that enforces policies: what the denied clients send goes nowhere. 192.0.2.0/24 belongs to nobody. */
function enforcing(cluster: Cluster): Cluster {
  const rerouted = <Kind extends KubeObject>(object: Kind): Kind => {
    if (object.metadata.labels?.['role'] !== 'denied') return object;
    return JSON.parse(JSON.stringify(object).replace(/"\d+\.\d+\.\d+\.\d+"/, '"192.0.2.1"')) as Kind;
  };
  return { ...cluster, apply: (object, options) => cluster.apply(rerouted(object), options) };
}

test('where denied clients reach nobody and the others do, policies are enforced', async ({ cluster, suffix }) => {
  const verdict = await probePolicies({ cluster: enforcing(cluster), image: defaultProbeImage, suffix }, never());
  expect(verdict).toMatchObject({ ok: true, detail: expect.stringContaining('enforced') as unknown });
});

test('an image that the cluster cannot fetch makes the answer unknown, with what to do, and leaves nothing', async ({
  cluster,
  suffix,
}) => {
  const image = 'docker.io/library/no-such-image:1';
  const verdict = await probePolicies({ cluster, image, suffix }, never());
  expect(verdict).toMatchObject({ ok: null, hint: expect.stringContaining('--probe-image') as unknown });
});

test('a probe that is interrupted removes what it has made', async ({ cluster, suffix }) => {
  const controller = new AbortController();
  const running = probePolicies({ cluster, image: defaultProbeImage, suffix }, controller.signal);
  await vi.waitFor(
    async () => expect((await cluster.list('v1/Namespace', { labelSelector: cluster.ours })).items).toHaveLength(1),
    { timeout: 30_000 },
  );
  controller.abort();
  expect((await running).ok).toBe(null);
});
