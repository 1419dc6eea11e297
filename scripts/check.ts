// `npm run check`: everything that can be said about the sources without running them.
import { join } from 'node:path';
import { runChecks } from './check/run.ts';

const startedAt = performance.now();
const clean = await runChecks(join(import.meta.dirname, '..'), (line) => console.log(line));
console.log(
  `check ${clean ? 'is clean' : 'found problems'} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
);
process.exitCode = clean ? 0 : 1;
