import { instanceOwner } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster, patience, uniqueName } from './cluster.ts';
import { jobOf, namespaceRef, startModuleStack } from './module-stack.ts';
import { manyCommands, oneAtATime, pulumiTool } from './pulumi-project.ts';

describe.skipIf(pulumiTool === undefined)('the life of a stack of the module', oneAtATime, () => {
  test('a Job that fails makes up fail with the reason, and destroy leaves nothing', async () => {
    await using cluster = await lookingAtCluster();
    await using stack = await startModuleStack();
    const up = await stack.up({ command: ['sh', '-c', 'exit 3'] });
    expect(up.code, up.output).not.toBe(0);
    expect(up.output).toContain('BackoffLimitExceeded');
    expect((await jobOf(cluster, stack.namespace))?.status?.failed).toBe(1);
    await stack.destroy();
    expect(await cluster.get(namespaceRef(stack.namespace))).toBeUndefined();
  });

  test('a Job that the cluster refuses midway leaves a state that destroy cleans up', async () => {
    await using cluster = await lookingAtCluster();
    const ours = cluster.as(instanceOwner(uniqueName('test')));
    const namespace = uniqueName('refusing');
    await ours.apply<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(async () => {
      await ours.remove(namespaceRef(namespace));
      await expect.poll(() => cluster.get(namespaceRef(namespace)), patience).toBeUndefined();
    });
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'no-jobs', namespace },
      spec: { hard: { 'count/jobs.batch': '0' } },
    };
    await ours.apply<KubeObject>(quota);
    const counted = async () =>
      (await cluster.get<KubeObject & { status?: { hard?: object } }>({ ...quota, name: 'no-jobs', namespace }))?.status
        ?.hard;
    await expect.poll(counted, patience).toBeDefined();

    await using stack = await startModuleStack({ namespace });
    const spec = {
      createNamespace: false,
      env: { secrets: { TOKEN: { value: 'of no use' } } },
      configMaps: { settings: 'size: 1' },
    };
    const up = await stack.up(spec);
    expect(up.code, up.output).not.toBe(0);
    expect(up.output).toContain('exceeded quota: no-jobs');
    const within = (kind: string, name: string) => cluster.get({ apiVersion: 'v1', kind, name, namespace });
    expect(await within('Secret', 'nightly-env-secrets')).toBeDefined();
    expect(await within('ConfigMap', 'settings')).toBeDefined();

    await stack.destroy();
    expect(await within('Secret', 'nightly-env-secrets')).toBeUndefined();
    expect(await within('ConfigMap', 'settings')).toBeUndefined();
    expect(await within('ResourceQuota', 'no-jobs')).toBeDefined();
  });

  test('up does not wait for a suspended Job, and the same Job runs once it is no longer suspended', async () => {
    await using cluster = await lookingAtCluster();
    await using stack = await startModuleStack();
    const up = await stack.up({ suspend: true });
    expect(up, up.output).toMatchObject({ code: 0 });
    const suspended = await jobOf(cluster, stack.namespace);
    expect(suspended?.status?.succeeded).toBeUndefined();

    const resumed = await stack.up({ suspend: false });
    expect(resumed, resumed.output).toMatchObject({ code: 0 });
    const completed = await jobOf(cluster, stack.namespace);
    expect(completed?.status?.succeeded).toBe(1);
    expect(completed?.metadata.uid).toBe(suspended?.metadata.uid);
  });

  test(
    'another command and another completion mode each run a new Job in place of the old one; a ConfigMap changes in place',
    manyCommands,
    async () => {
      await using cluster = await lookingAtCluster();
      await using stack = await startModuleStack();
      const uids: (string | undefined)[] = [];
      const settings = { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace: stack.namespace };
      const maps: (string | undefined)[] = [];
      for (const spec of [
        { command: ['true'], configMaps: { settings: 'one' } },
        { command: ['true'], configMaps: { settings: 'two' } },
        { command: ['sh', '-c', 'exit 0'], configMaps: { settings: 'two' } },
        { command: ['sh', '-c', 'exit 0'], configMaps: { settings: 'two' }, completionMode: 'Indexed' },
      ]) {
        const up = await stack.up(spec);
        expect(up, up.output).toMatchObject({ code: 0 });
        const job = await jobOf(cluster, stack.namespace);
        expect(job?.status?.succeeded).toBe(1);
        uids.push(job?.metadata.uid);
        const map = await cluster.get<KubeObject & { data: { settings: string } }>(settings);
        expect(map?.data.settings).toBe(spec.configMaps.settings);
        maps.push(map?.metadata.uid);
      }
      const [first, ...others] = uids;
      expect(others[0]).toBe(first);
      expect(new Set(uids).size).toBe(3);
      expect(new Set(maps).size).toBe(1);
    },
  );
});
