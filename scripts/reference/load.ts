import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Scripts stand outside of the packages. What is no entry point of one, and is only described here, is loaded by its path. */
export async function load<Module>(root: string, path: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, path)).href)) as Module;
}
