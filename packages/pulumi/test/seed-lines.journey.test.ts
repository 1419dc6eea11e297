import type { Job, KubeObject } from '@ephemera/model';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster, uniqueName } from './cluster.ts';
import { moduleProgram } from './module-program.ts';
import { manyCommands, pulumiTool, startPulumiProject } from './pulumi-project.ts';

const lines = `
cd iac/pulumi
export STACK_INPUT=$(cat ../hack/manifest.yaml | base64)
pulumi`;

describe.skipIf(pulumiTool === undefined)('the module, as document 003 prints it', () => {
  test(
    'the lines of document 003 show the resources, up makes them and waits for the Job, a second up changes nothing, destroy leaves nothing',
    manyCommands,
    async () => {
      const namespace = uniqueName('seed');
      const name = 'test-batch-job';
      await using cluster = await lookingAtCluster();
      await using project = await startPulumiProject({ program: moduleProgram(namespace) });
      const seen = () => cluster.get<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', name: namespace });

      const preview = await project.shell(`${lines} preview`);
      expect(preview, preview.output).toMatchObject({ code: 0 });
      for (const resource of ['core/v1:Namespace namespace', 'core/v1:Secret env-secrets', 'batch/v1:Job job']) {
        expect(preview.stdout).toContain(`kubernetes:${resource} create`);
      }
      expect(await seen()).toBeUndefined();

      const up = await project.shell(`${lines} up --yes`);
      expect(up, up.output).toMatchObject({ code: 0 });
      const job = await cluster.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', name, namespace });
      expect(job?.status?.succeeded).toBe(1);
      expect(await project.outputs()).toEqual({ namespace, job_name: name });

      const again = await project.shell(`${lines} up --yes --expect-no-changes`);
      expect(again, again.output).toMatchObject({ code: 0 });

      const destroy = await project.shell(`${lines} destroy --yes`);
      expect(destroy, destroy.output).toMatchObject({ code: 0 });
      expect(await seen()).toBeUndefined();
    },
  );
});
