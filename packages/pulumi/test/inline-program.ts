import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const nodeModules = join(import.meta.dirname, '..', '..', '..', 'node_modules');

/** Puts a program of a test's own into a folder, as a user would write it. It reads what it makes from `objects.json`. */
export function inlineProgram(objects: object): (folder: string) => string {
  return (folder) => {
    const project = { name: 'inline', runtime: { name: 'nodejs', options: { typescript: false } }, main: 'index.js' };
    const dependencies = { '@pulumi/kubernetes': '*', '@pulumi/pulumi': '*' };
    write(folder, 'Pulumi.yaml', project);
    write(folder, 'package.json', { name: 'inline', type: 'module', dependencies });
    writeObjects(folder, objects);
    writeFileSync(join(folder, 'index.js'), program);
    symlinkSync(nodeModules, join(folder, 'node_modules'));
    return folder;
  };
}

/** Changes what the program makes. */
export function writeObjects(folder: string, objects: object): void {
  mkdirSync(folder, { recursive: true });
  write(folder, 'objects.json', objects);
}

function write(folder: string, name: string, content: object): void {
  writeFileSync(join(folder, name), JSON.stringify(content, undefined, 2));
}

const program = `
import { readFileSync } from 'node:fs';
import kubernetes from '@pulumi/kubernetes';

const { namespace, job } = JSON.parse(readFileSync('objects.json', 'utf8'));
const home = new kubernetes.core.v1.Namespace('home', namespace);
new kubernetes.batch.v1.Job('work', { ...job, metadata: { ...job.metadata, namespace: home.metadata.name } });
export const name = home.metadata.name;
`;
