import { join } from 'node:path';
import { sharedFolders } from './layout.ts';
import { toolKey, tools } from './tools.ts';

/** The path of each program by its name. */
export type Toolbox = ReadonlyMap<string, string>;

/** Where the programs are once they are built. */
export function toolboxOf(cache: string): Toolbox {
  const folder = sharedFolders(cache).tools;
  return new Map(
    tools.flatMap((tool) => tool.binaries.map((binary) => [binary, join(folder, toolKey(tool), binary)] as const)),
  );
}

export function programOf(toolbox: Toolbox, name: string): string {
  const path = toolbox.get(name);
  if (path === undefined) throw new Error(`No tool is called ${name}.`);
  return path;
}
