// Runs one script of this repository under the pinned Node, after installing what is missing.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, manifest, pinnedNode } from './install.mjs';
import { spawnPinned } from './spawn-pinned.mjs';

const RUN_HERE = fileURLToPath(new URL('./run-here.mjs', import.meta.url));

/**
 * @param {string} script relative to the root of the repository
 * @param {readonly string[]} args
 * @param {readonly string[]} [flags] for Node itself
 */
export async function runPinned(script, args, flags = []) {
  const root = findRoot(dirname(RUN_HERE));
  const argv = [RUN_HERE, resolve(root, script), ...args];
  const { installed, ms } = await ensureInstalled(root);
  process.env.EPHEMERA_INSTALL_MS = String(ms);

  // After an install the running binary may be one that was just replaced, so only an untouched tree is run in place.
  const asWanted = process.version === `v${manifest(root).devDependencies.node}`;
  if (installed || !asWanted || !flags.every((flag) => process.execArgv.includes(flag))) {
    // `--`: an `--env-file` among the arguments is ours, and Node would look for it wherever it stands.
    spawnPinned(pinnedNode(root), [...flags, '--', ...argv]);
  } else {
    process.argv = [process.execPath, ...argv];
    await import('./run-here.mjs');
  }
}

/** @param {string} from */
function findRoot(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package-lock.json'))) return folder;
    if (folder === dirname(folder)) {
      process.stderr.write(
        `No package-lock.json was found above ${from}: this is not a complete checkout of Ephemera.\nClone it again.\n`,
      );
      process.exit(1);
    }
  }
}
