import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inlineProgram } from './inline-program.ts';
import { oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';

describe.skipIf(pulumiTool === undefined)("the language host beside Pulumi's command line", oneAtATime, () => {
  test('pulumi about names Node and what a program needs; a program that throws fails with its message, one without SDK with what to install', async () => {
    await using project = await startPulumiProject({ program: inlineProgram({}) });
    const { code, stdout, output } = await project.pulumi(['about', '--json']);
    expect(code, output).toBe(0);
    const about = JSON.parse(stdout) as {
      runtime: { version: string };
      dependencies: { name: string; version: string }[];
      plugins: { kind: string; name: string; version: string }[];
    };
    expect(about.runtime.version).toBe(process.version);
    const kubernetes = about.dependencies.find(({ name }) => name === '@pulumi/kubernetes');
    expect(kubernetes).toBeDefined();
    expect(about.plugins).toContainEqual({ kind: 'resource', name: 'kubernetes', version: kubernetes?.version });

    writeFileSync(join(project.folder, 'index.js'), "throw new Error('thrown by the program');");
    const thrown = await project.pulumi(['preview']);
    expect(thrown.code).not.toBe(0);
    expect(thrown.output).toContain('thrown by the program');

    for (const name of ['node_modules', 'package.json']) rmSync(join(project.folder, name));
    const lacking = await project.pulumi(['preview']);
    expect(lacking.code).not.toBe(0);
    expect(lacking.output).toContain('run npm install');
  });
});
