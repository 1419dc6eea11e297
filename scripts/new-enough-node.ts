/**
 * Imported first by what is started with `npx tsx`. npx puts node_modules/.bin first on the PATH, and there is the Node that this repository
 * runs on, so nothing is left to do here; under an older one, as where tsx is installed for the whole machine, the same line is run again
 * with it. Synchronously: modules that the old Node cannot load are not to be reached.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Of undici, through which the cluster is reached. */
const oldest = { major: 22, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
  const modules = join(import.meta.dirname, '..', 'node_modules');
  const node = join(modules, 'node', 'bin', 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `This needs Node ${oldest.major}.${oldest.minor} or later; this is ${process.version}, and its own is not installed yet.\n` +
        'Run `npm run demo -- --help` once, which installs what is missing, and then the same line again.\n',
    );
    process.exit(1);
  }
  const { status } = spawnSync(node, [join(modules, 'tsx', 'dist', 'cli.mjs'), ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
