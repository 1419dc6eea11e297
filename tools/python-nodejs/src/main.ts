// `npm run images -w tools/python-nodejs -- [NAME]`: puts the image into the registry of a local cluster that is up; NAME is `default`.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { clusterStatus } from '@ephemera/local-cluster';
import { EphemeraError, messageOf } from '@ephemera/model';
import { provideImage } from './provide.ts';

const [name = 'default'] = process.argv.slice(2);
const cache = process.env['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera');
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  const { registry } = await clusterStatus({ cache, name });
  if (registry === null) {
    tell(`The local cluster "${name}" is not up. Bring it up with: npx ephemera cluster up --name ${name}`);
    process.exitCode = 3;
  } else {
    const image = await provideImage({
      cache,
      name,
      registry,
      report: ({ step, state, ms }) => tell(`  ${step} ${state}${ms === undefined ? '' : ` in ${ms / 1000} s`}`),
    });
    process.stdout.write(`${image}\n`);
  }
} catch (error) {
  tell([messageOf(error), error instanceof EphemeraError ? error.hint : undefined].filter(Boolean).join(' '));
  process.exitCode = 1;
}
