import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lookingAtCluster, uniqueName } from './cluster.ts';
import { manifestOf } from './small-job.ts';
import { moduleProgram } from './module-program.ts';
import { oneAtATime, pulumiTool, startPulumiProject, type PulumiProject } from './pulumi-project.ts';

/** Each way of giving a stack input; the result is what goes into the environment. */
const sources: Readonly<Record<string, (project: PulumiProject, text: string) => Promise<Record<string, string>>>> = {
  'STACK_INPUT in base64': async (_, text) => ({ STACK_INPUT: Buffer.from(text).toString('base64') }),
  'STACK_INPUT as plain text': async (_, text) => ({ STACK_INPUT: text }),
  STACK_INPUT_YAML: async (_, text) => ({ STACK_INPUT_YAML: text }),
  STACK_INPUT_YAML_FILE: async ({ folder }, text) => {
    const path = join(folder, 'stack-input.yaml');
    writeFileSync(path, text);
    return { STACK_INPUT_YAML_FILE: path };
  },
  'the configuration key planton-cloud:stack-input': async (project, text) => {
    const set = await project.pulumi(['config', 'set', '--secret', 'planton-cloud:stack-input', text]);
    expect(set, set.output).toMatchObject({ code: 0 });
    return {};
  },
};

describe.skipIf(pulumiTool === undefined)('the stack input of the module', oneAtATime, () => {
  test.each(Object.entries(sources))('a stack input is read from %s', async (_, give) => {
    const namespace = uniqueName('source');
    await using project = await startPulumiProject({ program: moduleProgram(namespace) });
    const text = JSON.stringify({ target: manifestOf({ name: 'nightly', namespace }) }, undefined, 2);
    const preview = await project.pulumi(['preview'], await give(project, text));
    expect(preview, preview.output).toMatchObject({ code: 0 });
    expect(preview.stdout).toContain('batch/v1:Job nightly-job create');
  });

  test('a bad stack input is refused with all that is wrong with it, before anything is made', async () => {
    const namespace = uniqueName('bad');
    await using cluster = await lookingAtCluster();
    await using project = await startPulumiProject({ program: moduleProgram(namespace) });
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

  test('without a stack input the module says which variables it reads', async () => {
    await using project = await startPulumiProject({ program: moduleProgram(uniqueName('none')) });
    const preview = await project.pulumi(['preview']);
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain('export STACK_INPUT=$(cat ../hack/manifest.yaml | base64)');
  });
});
