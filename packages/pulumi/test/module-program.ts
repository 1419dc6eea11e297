import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const nodeModules = join(root, '..', '..', 'node_modules');

/** The namespace of the manifest that the module ships. */
const shippedNamespace = 'test-jobs';

/**
 * Puts a copy of the module into a folder, since a stack writes a file beside Pulumi.yaml. Its manifest gets a namespace of the test's
 * own; nothing else of it is changed.
 */
export function moduleProgram(namespace: string): (folder: string) => string {
  return (folder) => {
    cpSync(join(root, 'iac'), join(folder, 'iac'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    symlinkSync(nodeModules, join(folder, 'node_modules'));
    const manifest = join(folder, 'iac', 'hack', 'manifest.yaml');
    const shipped = readFileSync(manifest, 'utf8');
    const changed = shipped.replace(`namespace: ${shippedNamespace}\n`, `namespace: ${namespace}\n`);
    if (changed === shipped) throw new Error(`${manifest} has no longer the namespace ${shippedNamespace}`);
    writeFileSync(manifest, changed);
    return join(folder, 'iac', 'pulumi');
  };
}
