import type { KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster } from './cluster.ts';
import { jobOf, namespaceRef, startModuleStack } from './module-stack.ts';
import { manyCommands, oneAtATime, pulumiTool } from './pulumi-project.ts';

describe.skipIf(pulumiTool === undefined)('the life of a stack of the module', oneAtATime, () => {
  test(
    'another completion mode, parallelism or name runs a new Job in place of the old one; a ConfigMap changes in place',
    manyCommands,
    async () => {
      await using cluster = await lookingAtCluster();
      await using stack = await startModuleStack();
      const { namespace } = stack;
      const uid = async (kind: string, name: string) => {
        const apiVersion = kind === 'Job' ? 'batch/v1' : 'v1';
        return (await cluster.get<KubeObject>({ apiVersion, kind, name, namespace }))?.metadata.uid;
      };
      await stack.upWell({ configMaps: { settings: 'one' } });
      const [job, map] = [await uid('Job', 'nightly'), await uid('ConfigMap', 'settings')];
      const home = await cluster.get<KubeObject>(namespaceRef(namespace));

      const first = { configMaps: { settings: 'two' } };
      await stack.upWell(first);
      const settings = { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace };
      expect(await cluster.get(settings)).toMatchObject({ metadata: { uid: map }, data: { settings: 'two' } });
      expect(await uid('Job', 'nightly')).toBe(job);

      const jobs = [job];
      const indexed = { ...first, completions: 1, completionMode: 'Indexed' };
      const parallel = { ...indexed, parallelism: 2 };
      for (const spec of [indexed, parallel]) {
        await stack.upWell(spec);
        expect((await jobOf(cluster, namespace))?.status?.conditions).toContainEqual(
          expect.objectContaining({ type: 'Complete', status: 'True' }),
        );
        jobs.push(await uid('Job', 'nightly'));
      }
      expect(new Set(jobs).size).toBe(3);

      await stack.upWell(parallel, { name: 'hourly' });
      expect((await jobOf(cluster, namespace, 'hourly'))?.status?.succeeded).toBe(1);
      expect(await uid('Job', 'nightly')).toBeUndefined();
      expect(await uid('ConfigMap', 'settings')).toBe(map);
      expect(await cluster.get(namespaceRef(namespace))).toMatchObject({ metadata: { uid: home?.metadata.uid } });
    },
  );

  test(
    'up does not wait for a suspended Job, replaces it for another command, runs it once it is resumed, and fails with the reason when a Job fails or takes too long',
    manyCommands,
    async () => {
      await using cluster = await lookingAtCluster();
      await using stack = await startModuleStack();
      await stack.upWell({ suspend: true });
      const first = await jobOf(cluster, stack.namespace);
      expect(first?.status?.succeeded).toBeUndefined();

      const command = ['sh', '-c', 'exit 0'];
      await stack.upWell({ suspend: true, command });
      const second = await jobOf(cluster, stack.namespace);
      expect(second?.metadata.uid).not.toBe(first?.metadata.uid);

      await stack.upWell({ suspend: false, command });
      const completed = await jobOf(cluster, stack.namespace);
      expect(completed?.status?.succeeded).toBe(1);
      expect(completed?.metadata.uid).toBe(second?.metadata.uid);

      const failed = await stack.up({ command: ['sh', '-c', 'exit 3'] });
      expect(failed.code, failed.output).not.toBe(0);
      expect(failed.output).toContain('BackoffLimitExceeded');
      expect((await jobOf(cluster, stack.namespace))?.status?.failed).toBe(1);

      const impatient = { annotations: { 'pulumi.com/timeoutSeconds': '3' } };
      const waiting = await stack.up({ image: { repo: 'busybox', tag: 'of-nobody' } }, impatient);
      expect(waiting.code, waiting.output).not.toBe(0);
      expect(waiting.output).toContain('after 3 s');

      await stack.destroy();
      expect(await cluster.get(namespaceRef(stack.namespace))).toBeUndefined();
    },
  );
});
