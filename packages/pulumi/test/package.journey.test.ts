import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobSchema } from '@ephemera/job/compile';
import type { Job } from '@ephemera/model';
import { buildPackage } from '../build/build-package.ts';
import { lookingAtCluster, uniqueName } from './cluster.ts';
import { componentProgram, installedIn } from './component-program.ts';
import { fieldsOf } from './fields.ts';
import { namespaceRef } from './module-stack.ts';
import { schemaOf } from './plugin-host.ts';
import { manyCommands, oneAtATime, pulumiTool, startPulumiProject } from './pulumi-project.ts';
import { manifestOf, stackInput } from './small-job.ts';

const run = promisify(execFile);
const nodeModules = join(import.meta.dirname, '..', '..', '..', 'node_modules');
const timeout = 180_000;

/** The project of a user who installed the package: a copy of it, and what it depends on beside it. */
let project: string;
let installed: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'consumer-'));
  installed = join(project, 'node_modules', '@ephemera', 'kubernetes-job');
  await mkdir(dirname(installed), { recursive: true });
  await buildPackage(installed);
  for (const name of ['@pulumi', '@types', 'yaml', 'zod']) {
    await symlink(join(nodeModules, name), join(project, 'node_modules', name));
  }
  await cp(join(import.meta.dirname, 'consumer'), project, { recursive: true });
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
}, timeout);

afterAll(() => rm(project, { recursive: true, force: true }));

async function filesIn(folder: string, ending: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(ending));
}

test('the package is plain JavaScript that names nothing of this repository', async () => {
  const scripts = await filesIn(installed, '.js');
  expect(scripts).toEqual(expect.arrayContaining(['iac/pulumi/index.js', 'iac/pulumi/module/index.js']));
  const declarations = await filesIn(installed, '.d.ts');
  expect(declarations.length).toBeGreaterThan(20);
  for (const name of [...scripts, ...declarations]) {
    const text = await readFile(join(installed, name), 'utf8');
    expect(text, name).not.toMatch(/from\s*['"](@ephemera\/|[^'"]*\.ts['"])/);
  }
});

test('the package needs Pulumi, YAML and zod, and nothing that talks to a cluster by itself', async () => {
  const texts = await Promise.all(
    (await filesIn(installed, '.js')).map((name) => readFile(join(installed, name), 'utf8')),
  );
  const modules = texts.flatMap((text) =>
    [...text.matchAll(/^import .*? from "([^".][^"]*)"/gm)].map(([, name]) => name),
  );
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  expect(new Set(modules)).toEqual(new Set([...Object.keys(dependencies), 'node:fs', 'node:os', 'node:path']));
});

test('the package has the folders of the module, a license and the plugin file', async () => {
  for (const name of [
    'LICENSE',
    'README.md',
    'PulumiPlugin.yaml',
    'iac/hack/manifest.yaml',
    'iac/pulumi/Pulumi.yaml',
  ]) {
    expect((await readFile(join(installed, name), 'utf8')).length, name).toBeGreaterThan(0);
  }
  expect(await readFile(join(installed, 'iac/pulumi/Pulumi.yaml'), 'utf8')).toMatch(/^main: index\.js$/m);
});

test('a program of a user runs where Node strips no types', async () => {
  const args = ['--no-strip-types', join(project, 'run.mjs')];
  const { stdout } = await run(process.execPath, args, { cwd: project, timeout });
  expect(JSON.parse(stdout)).toEqual({
    registered: ['kubernetes-job:index:KubernetesJob', 'kubernetes:batch/v1:Job'],
    jobName: 'small',
    typescript: false,
  });
});

describe.each(['typescript5', 'typescript6'])('with %s', oneAtATime, (name) => {
  const folder = join(nodeModules, name);

  test(
    'a program of a user is checked against the declarations',
    async () => {
      const options = { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
      const path = join(project, `tsconfig.${name}.json`);
      await writeFile(path, JSON.stringify({ compilerOptions: options, files: ['program.ts'] }));
      const checked = run(process.execPath, [join(folder, 'bin', 'tsc'), '-p', path], { cwd: project, timeout });
      expect(await checked.catch((error: unknown) => error)).toMatchObject({ stdout: '' });
    },
    timeout,
  );

  test(
    "Pulumi's analyzer accepts the component and gives a schema with its inputs and outputs",
    async () => {
      const schema = await schemaOf(installed, folder);
      expect(schema).toMatchObject({ name: 'kubernetes-job', namespace: 'ephemera' });
      expect(schema.resources['kubernetes-job:index:KubernetesJob']).toMatchObject({
        isComponent: true,
        requiredInputs: ['metadata', 'spec'],
        inputProperties: {
          metadata: { $ref: '#/types/kubernetes-job:index:MetadataArgs' },
          spec: { $ref: '#/types/kubernetes-job:index:SpecArgs' },
          dockerConfigJson: { type: 'string' },
        },
        required: ['jobName', 'namespace'],
        properties: { namespace: { type: 'string' }, jobName: { type: 'string' } },
      });
      const spec = schema.types['kubernetes-job:index:SpecArgs'];
      expect(spec?.required).toEqual(['image', 'namespace']);
      expect(spec?.properties).toMatchObject({
        // Not plain: an output may stand there.
        namespace: { type: 'string' },
        parallelism: { type: 'number', plain: true },
        suspend: { type: 'boolean', plain: true },
        command: { type: 'array', items: { type: 'string' } },
        configMaps: { type: 'object', additionalProperties: { type: 'string' } },
        volumeMounts: { type: 'array', items: { $ref: '#/types/kubernetes-job:index:VolumeMountArgs' } },
      });
      expect(spec?.properties['namespace']).not.toHaveProperty('plain');

      const { inputProperties } = schema.resources['kubernetes-job:index:KubernetesJob'] ?? {};
      const taken = fieldsOf({ properties: inputProperties }, schema.types);
      // A reference to another resource is an output here, and a Secret of another namespace cannot be mounted.
      const elsewhere = /\.valueFrom|\.secretRef\.namespace|^spec\.namespace\.|^(apiVersion|kind|status)/;
      const known = fieldsOf(jobSchema()).filter((path) => !elsewhere.test(path));
      expect(known.length).toBeGreaterThan(80);
      expect(taken.filter((path) => path !== 'dockerConfigJson')).toEqual(known);
    },
    timeout,
  );
});

describe.skipIf(pulumiTool === undefined)("under Pulumi's command line", oneAtATime, () => {
  test('the program in the installed package runs as it is', async () => {
    const namespace = uniqueName('installed');
    await using cluster = await lookingAtCluster();
    await using stack = await startPulumiProject({
      program: (folder) => join(installedIn(folder, installed), 'iac', 'pulumi'),
      environment: stackInput(manifestOf({ name: 'nightly', namespace })),
    });
    const up = await stack.pulumi(['up', '--yes', '--skip-preview']);
    expect(up, up.output).toMatchObject({ code: 0 });
    expect(await stack.outputs()).toEqual({ namespace, job_name: 'nightly' });
    const destroy = await stack.pulumi(['destroy', '--yes', '--skip-preview']);
    expect(destroy, destroy.output).toMatchObject({ code: 0 });
    expect(await cluster.get(namespaceRef(namespace))).toBeUndefined();
  });

  test(
    'a program with the component takes outputs of its other resources, fails with a message alone where one is wrong, and runs the Job',
    manyCommands,
    async () => {
      const namespace = uniqueName('component');
      await using cluster = await lookingAtCluster();
      const environment = { TAG: 'no tag' };
      const program = (folder: string) => componentProgram(folder, { installed, namespace });
      await using stack = await startPulumiProject({ program });
      const secret = await stack.shell('cd program; pulumi config set --non-interactive --secret password < password');
      expect(secret, secret.output).toMatchObject({ code: 0 });
      const job = () => cluster.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', namespace });

      // The tag is known only once the namespace is there.
      const preview = await stack.pulumi(['preview', '--diff'], environment);
      expect(preview, preview.output).toMatchObject({ code: 0 });
      expect(preview.stdout).toContain('kubernetes-job:index:KubernetesJob');
      expect(preview.stdout).toMatch(/containers\s*: \[secret\]/);
      expect(preview.stdout).toMatch(/backoffLimit\s*: 6/);
      const wrong = await stack.pulumi(['up', '--yes', '--skip-preview'], environment);
      expect(wrong.code, wrong.output).not.toBe(0);
      expect(wrong.output.match(/spec\.image\.tag \("no tag"\) is not a tag/g)).toHaveLength(1);
      expect(wrong.output).not.toMatch(/^\s+at .*:\d+:\d+|PromiseRejectionHandledWarning|details:/m);
      expect(await job()).toBeUndefined();

      const up = await stack.pulumi(['up', '--yes', '--skip-preview'], { TAG: '1' });
      expect(up, up.output).toMatchObject({ code: 0 });
      expect(await stack.outputs()).toEqual({ namespace, jobName: 'nightly' });
      const made = await job();
      expect(made?.status?.succeeded).toBe(1);
      expect(made?.spec.template.spec.containers[0]?.env).toContainEqual({
        name: 'FROM',
        value: `${namespace}, active`,
      });
      for (const text of [preview.output, up.output, stack.stateFile()]) expect(text).not.toContain('hunter-2');

      const destroy = await stack.pulumi(['destroy', '--yes', '--skip-preview']);
      expect(destroy, destroy.output).toMatchObject({ code: 0 });
      expect(await cluster.get(namespaceRef(namespace))).toBeUndefined();
    },
  );
});
