import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, KubeObject } from '@ephemera/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage } from '../build/build-package.ts';
import { lookingAtCluster, uniqueName } from './cluster.ts';
import { manifestOf, stackInput } from './small-job.ts';
import { oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';

const nodeModules = join(import.meta.dirname, '..', '..', '..', 'node_modules');
let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'built-'));
  await buildPackage(built);
});
afterAll(() => rm(built, { recursive: true, force: true }));

/** Puts the package beside what it depends on, as npm does, and returns where it is. */
function install(folder: string): string {
  const modules = join(folder, 'node_modules');
  const installed = join(modules, '@ephemera', 'kubernetes-job');
  cpSync(built, installed, { recursive: true });
  for (const name of ['@pulumi', 'yaml', 'zod']) symlinkSync(join(nodeModules, name), join(modules, name));
  return installed;
}

describe.skipIf(pulumiTool === undefined)('the published package', oneAtATime, () => {
  test('the program in the installed package runs as it is', async () => {
    const namespace = uniqueName('installed');
    await using cluster = await lookingAtCluster();
    await using project = await startPulumiProject({
      program: (folder) => join(install(folder), 'iac', 'pulumi'),
      environment: stackInput(manifestOf({ name: 'nightly', namespace })),
    });
    const up = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(up, up.output).toMatchObject({ code: 0 });
    expect(await project.outputs()).toEqual({ namespace, job_name: 'nightly' });
    const destroy = await project.pulumi(['destroy', '--yes', '--skip-preview']);
    expect(destroy, destroy.output).toMatchObject({ code: 0 });
    expect(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
  });

  test('a program with the component runs the Job, takes outputs of its other resources, and removes all', async () => {
    const namespace = uniqueName('component');
    await using cluster = await lookingAtCluster();
    await using project = await startPulumiProject({ program: (folder) => userProgram(folder, namespace) });

    const preview = await project.pulumi(['preview']);
    expect(preview, preview.output).toMatchObject({ code: 0 });
    expect(preview.stdout).toMatch(/kubernetes-job:index:KubernetesJob\s+nightly/);
    const up = await project.pulumi(['up', '--yes', '--skip-preview']);
    expect(up, up.output).toMatchObject({ code: 0 });
    expect(await project.outputs()).toEqual({ namespace, jobName: 'nightly' });
    const job = await cluster.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', namespace });
    expect(job?.status?.succeeded).toBe(1);
    expect(job?.spec.template.spec.containers[0]?.env).toContainEqual({ name: 'FROM', value: `${namespace}, active` });
    expect(project.stateFile()).not.toContain('hunter-2');

    const again = await project.pulumi(['up', '--yes', '--skip-preview', '--expect-no-changes']);
    expect(again, again.output).toMatchObject({ code: 0 });
    const destroy = await project.pulumi(['destroy', '--yes', '--skip-preview']);
    expect(destroy, destroy.output).toMatchObject({ code: 0 });
    expect(await cluster.get<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
  });
});

function userProgram(folder: string, namespace: string): string {
  install(folder);
  mkdirSync(join(folder, 'program'));
  const files = {
    'package.json': JSON.stringify({ type: 'module' }),
    'Pulumi.yaml': 'name: users\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n',
    'index.js': `
      import { KubernetesJob } from '@ephemera/kubernetes-job';
      import * as kubernetes from '@pulumi/kubernetes';
      import * as pulumi from '@pulumi/pulumi';

      const home = new kubernetes.core.v1.Namespace('home', { metadata: { name: ${JSON.stringify(namespace)} } });
      const job = new KubernetesJob('nightly', {
        metadata: { name: 'nightly' },
        spec: {
          namespace: home.metadata.name,
          image: { repo: 'busybox', tag: '1' },
          command: ['sh', '-c', 'test "$PASSWORD" = hunter-"$NUMBER"'],
          env: {
            variables: [
              { name: 'FROM', value: pulumi.interpolate\`\${home.metadata.name}, active\` },
              { name: 'NUMBER', value: '2' },
            ],
            secrets: [{ name: 'PASSWORD', value: pulumi.output(['hunter', 2]).apply((parts) => parts.join('-')) }],
          },
        },
      });
      export const { namespace, jobName } = job;
    `,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'program', name), text);
  return join(folder, 'program');
}
