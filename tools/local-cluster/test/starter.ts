import { clusterUp } from '../src/index.ts';

/** A starter of its own process, for tests that kill it: `starter.ts CACHE NAME`, one line of JSON for each step. */
const [cache = '', name = ''] = process.argv.slice(2);
const report = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
await clusterUp({ cache, name, report });
