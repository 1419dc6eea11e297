import { describe, expect, test } from 'vitest';
import { lookingAtCluster } from './cluster.ts';
import { jobOf, namespaceRef, startModuleStack } from './module-stack.ts';
import { oneAtATime, pulumiTool } from './pulumi-project.ts';

describe.skipIf(pulumiTool === undefined)('two stacks of the module in one namespace', oneAtATime, () => {
  test('two jobs share a namespace, and destroying the second leaves the first', async () => {
    await using cluster = await lookingAtCluster();
    await using first = await startModuleStack();
    const { namespace } = first;
    const firstUp = await first.up({ env: { secrets: { TOKEN: { value: 'of the first' } } } });
    expect(firstUp, firstUp.output).toMatchObject({ code: 0 });

    await using second = await startModuleStack({ name: 'hourly', namespace });
    const secondUp = await second.up({
      createNamespace: false,
      env: { secrets: { TOKEN: { value: 'of the second' } } },
    });
    expect(secondUp, secondUp.output).toMatchObject({ code: 0 });
    expect((await jobOf(cluster, namespace, 'hourly'))?.status?.succeeded).toBe(1);

    await second.destroy();
    expect(await jobOf(cluster, namespace, 'hourly')).toBeUndefined();
    expect((await jobOf(cluster, namespace))?.status?.succeeded).toBe(1);
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 'nightly-env-secrets', namespace };
    expect(await cluster.get(secret)).toBeDefined();

    await first.destroy();
    expect(await cluster.get(namespaceRef(namespace))).toBeUndefined();
  });

  test('a ConfigMap that another stack has made with other contents is refused and stays as it is', async () => {
    await using cluster = await lookingAtCluster();
    await using first = await startModuleStack();
    const { namespace } = first;
    const firstUp = await first.up({ configMaps: { settings: 'of the first' } });
    expect(firstUp, firstUp.output).toMatchObject({ code: 0 });

    await using second = await startModuleStack({ name: 'hourly', namespace });
    const secondUp = await second.up({ createNamespace: false, configMaps: { settings: 'of the second' } });
    expect(secondUp.code, secondUp.output).not.toBe(0);
    expect(secondUp.output).toContain('conflict');
    expect(await jobOf(cluster, namespace, 'hourly')).toBeUndefined();

    await second.destroy();
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace };
    expect(await cluster.get(settings)).toMatchObject({ data: { settings: 'of the first' } });
  });
});
