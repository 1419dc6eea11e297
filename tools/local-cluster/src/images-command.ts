import { homedir } from 'node:os';
import { join } from 'node:path';
import { EphemeraError, messageOf } from '@ephemera/model';
import type { ProvideOptions } from './build.ts';
import { clusterStatus } from './status.ts';

export type ImagesPlace = Pick<ProvideOptions, 'cache' | 'report'> & {
  /** host:port of the cluster's own registry. */
  readonly registry: string;
  readonly name: string;
};

/**
 * `npm run images -w … -- [NAME]`: puts images into the registry of a local cluster that is up and prints their names; NAME is `default`.
 * Exit code 3 where it is not up, 1 where they cannot be made.
 */
export async function imagesCommand(provide: (place: ImagesPlace) => Promise<readonly string[]>): Promise<void> {
  const [name = 'default'] = process.argv.slice(2);
  const cache = process.env['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera');
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const { registry } = await clusterStatus({ cache, name });
    if (registry === null) {
      tell(`The local cluster "${name}" is not up. Bring it up with: npx ephemera cluster up --name ${name}`);
      process.exitCode = 3;
      return;
    }
    const images = await provide({
      cache,
      name,
      registry,
      report: ({ step, state, ms }) => tell(`  ${step} ${state}${ms === undefined ? '' : ` in ${ms / 1000} s`}`),
    });
    process.stdout.write(`${images.join('\n')}\n`);
  } catch (error) {
    tell([messageOf(error), error instanceof EphemeraError ? error.hint : undefined].filter(Boolean).join(' '));
    process.exitCode = 1;
  }
}
