import { compile } from '@ephemera/job/compile';
import type { Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { borrowNamespace } from './borrowed-namespace.ts';
import { lookingAtCluster } from './cluster.ts';
import { minimal } from './examples.ts';
import { jobOf, namespaceRef, startModuleStack } from './module-stack.ts';
import { manyCommands, oneAtATime, pulumiTool } from './pulumi-project.ts';

describe.skipIf(pulumiTool === undefined)('a namespace with objects of others', oneAtATime, () => {
  test('two jobs share a namespace, and destroying the second leaves the first', async () => {
    await using cluster = await lookingAtCluster();
    await using first = await startModuleStack();
    const { namespace } = first;
    await first.upWell({ env: { secrets: { TOKEN: { value: 'of the first' } } } });

    await using second = await startModuleStack({ name: 'hourly', namespace });
    await second.upWell({ createNamespace: false, env: { secrets: { TOKEN: { value: 'of the second' } } } });
    expect((await jobOf(cluster, namespace, 'hourly'))?.status?.succeeded).toBe(1);

    await second.destroy();
    expect(await jobOf(cluster, namespace, 'hourly')).toBeUndefined();
    expect((await jobOf(cluster, namespace))?.status?.succeeded).toBe(1);
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 'nightly-env-secrets', namespace };
    expect(await cluster.get(secret)).toBeDefined();

    await first.destroy();
    expect(await cluster.get(namespaceRef(namespace))).toBeUndefined();
  });

  test(
    'a namespace, a ConfigMap and a Job of somebody else are refused and stay as they are, and destroy removes what was made beside them',
    manyCommands,
    async () => {
      await using cluster = await lookingAtCluster();
      await using home = await borrowNamespace(cluster, 'theirs');
      const { namespace } = home;
      const theirs = theirObjects(namespace);
      for (const object of theirs) await home.apply(object);
      const seen = async () =>
        Promise.all([namespaceRef(namespace), ...theirs.map(refIn)].map((ref) => contentOf(cluster, ref)));
      const before = await seen();
      expect(before).not.toContain(undefined);

      // The variable has Pulumi's provider take over what it finds; the module says otherwise, and is heard.
      const environment = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: 'true' };
      await using stack = await startModuleStack({ namespace, environment });
      const refused = async (object: string, spec: Readonly<Record<string, unknown>>) => {
        const up = await stack.up(spec);
        expect(up.code, up.output).not.toBe(0);
        expect(up.output).toContain(`${object} already exists`);
      };
      await refused(`Namespace ${namespace}`, {});
      await refused(`ConfigMap ${namespace}/settings`, { createNamespace: false, configMaps: { settings: 'of ours' } });
      const rest = { env: { secrets: { TOKEN: { value: 'of no use' } } }, configMaps: { other: 'size: 1' } };
      await refused(`Job ${namespace}/nightly`, { createNamespace: false, ...rest });
      const within = (kind: string, name: string) => cluster.get({ apiVersion: 'v1', kind, name, namespace });
      expect(await within('Secret', 'nightly-env-secrets')).toBeDefined();
      expect(await within('ConfigMap', 'other')).toBeDefined();

      await stack.destroy();
      expect(await within('Secret', 'nightly-env-secrets')).toBeUndefined();
      expect(await within('ConfigMap', 'other')).toBeUndefined();
      expect(await seen()).toEqual(before);
    },
  );
});

/** A ConfigMap and a Job under the names of ours; the Job would do the same as ours. */
function theirObjects(namespace: string): readonly KubeObject[] {
  const spec = { ...minimal.spec, namespace, suspend: true };
  const { job } = compile({ ...minimal, metadata: { name: 'nightly' }, spec } as Parameters<typeof compile>[0]);
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace } };
  return [
    { ...settings, data: { settings: 'of theirs' } } as KubeObject,
    { ...job, metadata: { name: job.metadata.name, namespace } },
  ];
}

function refIn({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}

/** Without what the cluster itself changes over time. */
async function contentOf(cluster: Cluster, ref: ReturnType<typeof refIn>): Promise<object | undefined> {
  const found = await cluster.get<KubeObject & { data?: unknown; spec?: unknown }>(ref);
  if (found === undefined) return undefined;
  const { metadata, data, spec } = found;
  return { uid: metadata.uid, labels: metadata.labels, annotations: metadata.annotations, data, spec };
}
