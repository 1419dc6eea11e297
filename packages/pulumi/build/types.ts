import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { promisify } from 'node:util';

/** Where declarations go, by the folder of their source. */
const FOLDERS = [
  { from: 'packages/pulumi/iac/pulumi/module', to: '' },
  { from: 'packages/job/src/compile', to: 'compile' },
  { from: 'packages/model/src', to: 'model' },
] as const;

const PACKAGES: Readonly<Record<string, string>> = {
  '@ephemera/job/compile': 'compile/index.ts',
  '@ephemera/model': 'model/index.ts',
};

/**
 * Writes the declarations of the module, and of what they need of this repository, as one tree in which every import is relative or
 * of an installed package. Only what the entry leads to is written.
 */
export async function writeTypes(repository: string, to: string): Promise<void> {
  const emitted = await mkdtemp(join(tmpdir(), 'declarations-'));
  try {
    await emit(repository, emitted);
    const written = new Set<string>();
    const waiting = ['index.ts'];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (written.has(next)) continue;
      written.add(next);
      const { text, imports } = moved(next, await readFile(join(emitted, declarationOf(sourceOf(next))), 'utf8'));
      waiting.push(...imports);
      const target = join(to, declarationOf(next));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
    }
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

async function emit(repository: string, outDir: string): Promise<void> {
  const project = join(outDir, 'tsconfig.json');
  const options = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir,
    rootDir: repository,
    // What is found through node_modules counts as somebody else's and gets no declarations.
    paths: Object.fromEntries(
      Object.entries(PACKAGES).map(([name, path]) => [name, [join(repository, sourceOf(path))]]),
    ),
    typeRoots: [join(repository, 'node_modules', '@types')],
  };
  const entry = join(repository, sourceOf('index.ts'));
  await writeFile(
    project,
    JSON.stringify({
      extends: join(repository, 'tsconfig.json'),
      compilerOptions: options,
      include: [],
      files: [entry],
    }),
  );
  const compiler = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [compiler, '--project', project, '--pretty', 'false'], {
    timeout: 120_000,
  });
}

const IMPORT = /(from |import\()(['"])([^'"]+)\2/g;

/** A declaration with its imports as they must read in the new tree, and the files of the tree that they lead to. */
function moved(path: string, text: string): { readonly text: string; readonly imports: readonly string[] } {
  const imports: string[] = [];
  const rewritten = text.replaceAll(IMPORT, (statement, before: string, quote: string, module: string) => {
    const target = module.startsWith('.')
      ? placeOf(posix.join(posix.dirname(sourceOf(path)), module))
      : PACKAGES[module];
    if (target === undefined) return statement;
    imports.push(target);
    const way = posix.relative(posix.dirname(path), target).replace(/\.ts$/, '.js');
    return `${before}${quote}${way.startsWith('.') ? way : `./${way}`}${quote}`;
  });
  return { text: rewritten, imports };
}

/** The source of a file of the tree, from the root of the repository. */
function sourceOf(path: string): string {
  const folder = FOLDERS.find(({ to }) => to !== '' && path.startsWith(`${to}/`)) ?? FOLDERS[0];
  return posix.join(folder.from, relative(folder.to, path));
}

function placeOf(source: string): string {
  const folder = FOLDERS.find(({ from }) => source.startsWith(`${from}/`));
  if (folder === undefined) throw new Error(`${source} is needed by the declarations and has no place among them`);
  return posix.join(folder.to, posix.relative(folder.from, source));
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, '.d.ts');
}
