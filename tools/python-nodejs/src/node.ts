import { folder, link, program, type TarEntry } from '@ephemera/local-cluster/machinery';
import { join } from 'node:path';
import type { NpmPackage } from './npm-package.ts';
import { treeFiles } from './tree.ts';

export const nodePackage: NpmPackage = {
  name: `node-linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`,
  version: '20.20.2',
};
/** The one that comes with that Node. */
export const npmPackage: NpmPackage = { name: 'npm', version: '10.8.2' };

const modules = 'usr/local/lib/node_modules';

/** Node with npm and npx, where Node's own images have them. */
export function nodeFiles(node: string, npm: string): TarEntry[] {
  const placed = (path: string): string => `${modules}/npm/${path}`;
  return [
    folder('usr/local/lib'),
    folder(modules),
    folder(`${modules}/npm`),
    program('usr/local/bin/node', join(node, 'bin', 'node')),
    link('usr/local/bin/nodejs', 'node'),
    link('usr/local/bin/npm', '../lib/node_modules/npm/bin/npm-cli.js'),
    link('usr/local/bin/npx', '../lib/node_modules/npm/bin/npx-cli.js'),
    ...treeFiles(npm, { leftOut: (path) => path === 'docs' || path === 'man', placed }),
  ];
}
