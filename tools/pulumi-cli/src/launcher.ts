import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The same for every program: what differs are the two links beside it, so that no path is ever part of a script. */
export const launcherText = `#!/bin/sh
here=$(dirname "$0")
exec "$here/launcher/node" "$here/launcher/program.ts" "$@"
`;

export interface Launcher {
  /** An existing folder with no other launcher in it. */
  readonly folder: string;
  /** What the executable is called. */
  readonly name: string;
  /** The path of a TypeScript file, which runs under the Node that runs this. */
  readonly program: string;
}

/** Makes an executable out of a TypeScript file: Pulumi starts plugins by the name of a file and knows nothing of Node. */
export async function placeLauncher({ folder, name, program }: Launcher): Promise<void> {
  const links = join(folder, 'launcher');
  await mkdir(links);
  await symlink(process.execPath, join(links, 'node'));
  await symlink(program, join(links, 'program.ts'));
  await writeFile(join(folder, name), launcherText, { mode: 0o755 });
}
