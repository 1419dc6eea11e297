// `npm test`: sets up what is missing, runs everything, and ends with the line `N passed, N failed`.
import { constants } from 'node:os';
import { join } from 'node:path';
import { readFlags, USAGE } from './test/flags.ts';
import { hasFiles } from './test/has-files.ts';
import { preparation } from './test/prepare.ts';
import { runAll } from './test/run-all.ts';
import { verdictOf } from './test/verdict.ts';

const root = join(import.meta.dirname, '..');
const say = (line: string): void => console.log(line);

const flags = readFlags(process.argv.slice(2), (tier) => hasFiles(root, tier));
if (typeof flags === 'string') {
  console.error(`${flags}\nUsage: ${USAGE}`);
  process.exit(2);
}

const interrupt = new AbortController();
const interrupted = new Promise<NodeJS.Signals>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupt.abort(new Error(`interrupted by ${signal}`));
      resolve(signal);
    });
  }
});

const { signal } = interrupt;
const prepared = preparation({ root, files: flags.files, context: flags.context, say, signal });
// A test that hangs must not keep an interrupted run from taking the cluster down.
const outcome = await Promise.race([runAll({ root, flags, preparation: prepared, say, signal }), interrupted]);
await prepared.undo();

if (typeof outcome === 'string') {
  say(`\ninterrupted by ${outcome}`);
  process.exit(128 + constants.signals[outcome]);
}
const failures = outcome.flatMap((tally) => tally.failures);
if (failures.length > 0) say(`\nnot passed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
const { exitCode, lastLine } = verdictOf(outcome, process.env.CI === 'true');
say(`\n${lastLine}`);
// Whatever a test left open must not keep the run from ending.
process.exit(exitCode);
