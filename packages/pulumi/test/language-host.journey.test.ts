import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inlineProgram } from './inline-program.ts';
import { oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';

describe.skipIf(pulumiTool === undefined)("the language host beside Pulumi's command line", oneAtATime, () => {
  test('pulumi about names the Node that runs programs, and what a program depends on', async () => {
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
  });

  test('pulumi install runs npm where the program is', async () => {
    const program = (folder: string): string => {
      // Nothing to fetch; that npm has run shows in the lock file.
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true }));
      writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify({ name: 'empty', runtime: 'nodejs' }));
      return folder;
    };
    await using project = await startPulumiProject({ program });
    const install = await project.pulumi(['install']);
    expect(install, install.output).toMatchObject({ code: 0 });
    expect(existsSync(join(project.folder, 'package-lock.json'))).toBe(true);
  });

  test('a program that throws fails with its message and exit code, without SDK it fails with what to install', async () => {
    await using throwing = await startPulumiProject({ program: inlineProgram({}) });
    writeFileSync(join(throwing.folder, 'index.js'), "throw new Error('thrown by the program');");
    const thrown = await throwing.pulumi(['preview']);
    expect(thrown.code).not.toBe(0);
    expect(thrown.output).toContain('thrown by the program');

    const program = (folder: string): string => {
      writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify({ name: 'empty', runtime: 'nodejs' }));
      return folder;
    };
    await using lacking = await startPulumiProject({ program });
    const lacked = await lacking.pulumi(['preview']);
    expect(lacked.code).not.toBe(0);
    expect(lacked.output).toContain('run npm install');
  });
});
