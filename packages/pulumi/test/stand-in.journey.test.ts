import type { Job, KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster, lookingLabels, patience, uniqueName } from './cluster.ts';
import { inlineProgram, writeObjects } from './inline-program.ts';
import { manyCommands, oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';

const job = (command: readonly string[], annotations: Readonly<Record<string, string>> = {}) => ({
  metadata: { name: 'work', annotations, labels: lookingLabels },
  spec: {
    backoffLimit: 0,
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1', command }] },
    },
  },
});

// What the tests of the module do not show of it: that it does to a real cluster what Pulumi's own provider does.
describe.skipIf(pulumiTool === undefined)("the stand-in for Pulumi's provider", oneAtATime, () => {
  test(
    'a Job that is gone is made again when up is told to look, and with skipAwait up does not wait for it',
    manyCommands,
    async () => {
      const home = uniqueName('inline');
      const ref = { apiVersion: 'batch/v1', kind: 'Job', name: 'work', namespace: home };
      await using cluster = await lookingAtCluster();
      const objects = { namespace: { metadata: { name: home } }, job: job(['true']) };
      await using project = await startPulumiProject({ program: inlineProgram(objects) });
      const up = async (...options: string[]) => {
        const ran = await project.pulumi(['up', '--yes', '--skip-preview', ...options]);
        expect(ran, ran.output).toMatchObject({ code: 0 });
        return ran;
      };
      await up();
      expect((await cluster.get<Job>(ref))?.status?.succeeded).toBe(1);

      await cluster.remove(ref, { propagation: 'Foreground' });
      await expect.poll(() => cluster.get<KubeObject>(ref), patience).toBeUndefined();
      await up('--expect-no-changes');
      expect((await up('--refresh')).output).toContain('+ 1 created');

      const running = ['sh', '-c', 'trap exit TERM; sleep 600 & wait'];
      writeObjects(project.folder, { ...objects, job: job(running, { 'pulumi.com/skipAwait': 'true' }) });
      await up();
      expect((await cluster.get<Job>(ref))?.status?.succeeded).toBeUndefined();

      const destroy = await project.pulumi(['destroy', '--yes', '--skip-preview']);
      expect(destroy, destroy.output).toMatchObject({ code: 0 });
      expect(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: home })).toBeUndefined();
    },
  );
});
