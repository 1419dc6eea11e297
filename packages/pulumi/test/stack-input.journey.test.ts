import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookingAtCluster, uniqueName } from './cluster.ts';
import { manifestOf } from './small-job.ts';
import { moduleProgram } from './module-program.ts';
import { oneAtATime, pulumiTool, startPulumiProject, type PulumiProject } from './pulumi-project.ts';

/** Ways of giving a stack input that other tests do not use; the result is what goes into the environment. */
const sources: Readonly<Record<string, (project: PulumiProject, text: string) => Promise<Record<string, string>>>> = {
  STACK_INPUT_YAML_FILE: async ({ folder }, text) => {
    const path = join(folder, 'stack-input.yaml');
    writeFileSync(path, text);
    return { STACK_INPUT_YAML_FILE: path };
  },
  // The last, since it stays.
  'the configuration key planton-cloud:stack-input': async (project, text) => {
    writeFileSync(join(project.folder, 'secret.yaml'), text);
    const set = await project.shell(
      'cd iac/pulumi; pulumi config set --non-interactive --secret planton-cloud:stack-input < secret.yaml',
    );
    expect(set, set.output).toMatchObject({ code: 0 });
    return {};
  },
};

describe.skipIf(pulumiTool === undefined)('the stack input of the module', oneAtATime, () => {
  const namespace = uniqueName('source');
  let project: PulumiProject;
  beforeAll(async () => {
    project = await startPulumiProject({ program: moduleProgram(namespace) });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('without a stack input the module says which variables it reads', async () => {
    const preview = await project.pulumi(['preview']);
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain('export STACK_INPUT=$(cat ../hack/manifest.yaml | base64)');
  });

  test('a bad stack input is refused with all that is wrong with it, before anything is made', async () => {
    await using cluster = await lookingAtCluster();
    const spec = { parallelism: -1, restartPolicy: 'Always', comand: ['true'] };
    const STACK_INPUT_YAML = JSON.stringify(manifestOf({ name: 'nightly', namespace, spec }));
    const up = await project.pulumi(['up', '--yes', '--skip-preview'], { STACK_INPUT_YAML });
    expect(up.code).not.toBe(0);
    for (const path of ['target.spec.parallelism', 'target.spec.restartPolicy', 'target.spec.comand']) {
      expect(up.output).toContain(path);
    }
    // No stack trace: what is wrong is in the manifest.
    expect(up.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
  });

  test.each(Object.entries(sources))('a stack input is read from %s', async (_, give) => {
    const text = JSON.stringify({ target: manifestOf({ name: 'nightly', namespace }) }, undefined, 2);
    const preview = await project.pulumi(['preview'], await give(project, text));
    expect(preview, preview.output).toMatchObject({ code: 0 });
    expect(preview.stdout).toContain('batch/v1:Job job create');
  });
});
