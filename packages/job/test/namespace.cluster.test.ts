import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { KubeObject } from '@ephemera/model';
import { afterAll, describe, expect, test } from 'vitest';
import { deleteJob } from '../src/run/index.ts';
import { eventually, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, job } = world;

type Content = KubeObject & { readonly [field: string]: unknown };

/** What a namespace can hold beside jobs; each of a kind of its own. */
function contents(namespace: string, group: string): readonly Content[] {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: 'theirs', namespace };
  const labels = { app: 'theirs' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'busybox:1' }] } };
  const deployment = { replicas: 0, selector: { matchLabels: labels }, template };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }], selector: labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: rbac, kind: 'Role', metadata, rules: [] },
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '1' } } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { ...metadata, annotations: { 'kubernetes.io/service-account.name': 'default' } },
    },
    { apiVersion: `${group}/v1`, kind: 'Widget', metadata },
  ];
}

/** Installs a kind of object that the cluster did not know. */
async function installWidgets(group: string): Promise<AsyncDisposable> {
  const name = `widgets.${group}`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await world.createAsSomebodyElse({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await kubectl(['wait', '--for=condition=Established', `crd/${name}`, '--timeout=30s']);
  return {
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'crd', name]);
    },
  };
}

describe.concurrent('the namespace of a job', () => {
  test('is kept while it holds anything of others, of whatever kind, and goes when it does not', async () => {
    const own = world.name('whole');
    const group = `${world.name('kinds')}.example.com`;
    await using _widgets = await installWidgets(group);
    const started = await world.run(job('tenant', { suspend: true, namespace: own, createNamespace: true }));
    const theirs = contents(own, group);
    for (const content of theirs) {
      await world.createAsSomebodyElse(content);
      const seen = () => cluster.everythingIn({ namespace: own, counts: ({ kind }) => kind === content.kind });
      // A kind that was installed a moment ago takes a moment to be told of.
      await eventually(async () => (await seen()).objects.some(({ metadata }) => metadata.name === 'theirs'), true);
      const { kept } = await deleteJob(cluster, started);
      expect(kept).toEqual([
        { object: `Namespace//${own}`, because: expect.stringContaining(`${content.kind}/${own}/theirs`) },
      ]);
      const kind = content.kind === 'Widget' ? `widgets.${group}` : content.kind;
      await kubectl(['delete', kind, 'theirs', '-n', own]);
    }
    expect(theirs).toHaveLength(7);
    expect(await deleteJob(cluster, started)).toEqual({ removed: [`Namespace//${own}`], kept: [] });
  });
});
