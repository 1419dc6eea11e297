import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built tools and the local cluster live: EPHEMERA_CACHE, by default `~/.cache/ephemera`. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera');
}
