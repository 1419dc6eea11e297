import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { manifestOf, type Manifest } from './manifest.ts';
import { writeTypes } from './types.ts';

const source = join(import.meta.dirname, '..');
const repository = join(source, '..', '..');

/**
 * Writes the publishable package: plain JavaScript with the compiler inside, so that it runs from node_modules, where Node strips no
 * types; declarations that need nothing of this repository; and the module's folders, in which `pulumi preview` works. What is in `to`
 * is removed first.
 */
export async function buildPackage(to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Manifest;
  const versions = await versionsOf(['packages/pulumi', 'packages/job']);
  await Promise.all([
    writeScripts(join(to, 'iac', 'pulumi')),
    writeTypes(repository, join(to, 'types')),
    writeJson(join(to, 'package.json'), manifestOf(manifest, versions)),
    writeProject(to),
    writeForAnalyzer(to),
    cp(join(source, 'iac', 'hack'), join(to, 'iac', 'hack'), { recursive: true }),
    cp(join(source, 'README.md'), join(to, 'README.md')),
    cp(join(repository, 'LICENSE'), join(to, 'LICENSE')),
  ]);
}

async function writeScripts(to: string): Promise<void> {
  const from = join(source, 'iac', 'pulumi');
  await using bundle = await rolldown({
    input: { index: join(from, 'index.ts'), 'module/index': join(from, 'module', 'index.ts') },
    platform: 'node',
    // Pulumi must be there once for program and module; the others are ordinary dependencies.
    external: [/^@pulumi\//, /^zod(\/|$)/, 'yaml'],
  });
  await bundle.write({ dir: to, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'module/[name].js' });
}

/** The project of the module and the plugin that serves the component to other languages. */
async function writeProject(to: string): Promise<void> {
  const project = await readFile(join(source, 'iac', 'pulumi', 'Pulumi.yaml'), 'utf8');
  const runtime = 'runtime:\n  name: nodejs\n  options:\n    typescript: false\n';
  await mkdir(join(to, 'iac', 'pulumi'), { recursive: true });
  await Promise.all([
    writeFile(join(to, 'iac', 'pulumi', 'Pulumi.yaml'), project.replace('main: index.ts', 'main: index.js')),
    writeFile(join(to, 'PulumiPlugin.yaml'), runtime),
  ]);
}

/** Pulumi's analyzer reads TypeScript, from `src/index.ts` where the entry is plain JavaScript. It never runs. */
async function writeForAnalyzer(to: string): Promise<void> {
  await mkdir(join(to, 'src'), { recursive: true });
  await Promise.all([
    writeFile(
      join(to, 'src', 'index.ts'),
      "// For Pulumi's analyzer, which looks for the component's declaration here. Programs import the package itself.\nexport { KubernetesJob } from '../types/component/kubernetes-job.js';\n",
    ),
    writeJson(join(to, 'tsconfig.json'), {
      compilerOptions: { target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', strict: true, types: [] },
      files: ['src/index.ts'],
    }),
  ]);
}

async function versionsOf(folders: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const manifests = await Promise.all(
    folders.map(
      async (folder) => JSON.parse(await readFile(join(repository, folder, 'package.json'), 'utf8')) as Manifest,
    ),
  );
  return Object.assign({}, ...manifests.map(({ dependencies }) => dependencies)) as Record<string, string>;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
