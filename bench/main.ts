// `npm run bench -- NAME [--count 10,100] [--json FILE]`: measures, prints a table, and leaves nothing.
import { writeFileSync } from 'node:fs';
import type { Benchmark } from './benchmark.ts';
import { environments } from './environments/bench.ts';
import { table } from './figures.ts';
import { readFlags, USAGE, type Flags } from './flags.ts';
import { jobs } from './jobs/bench.ts';
import { prJobs } from './pr-jobs/bench.ts';
import { sandboxes } from './sandboxes/bench.ts';

const benchmarks: Readonly<Record<Flags['name'], Benchmark>> = { environments, jobs, 'pr-jobs': prJobs, sandboxes };

const flags = readFlags(process.argv.slice(2));
if (typeof flags === 'string') {
  console.error(`${flags}\n${USAGE}`);
  process.exit(2);
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
}

try {
  const { figures, leftovers } = await benchmarks[flags.name]({
    ...flags,
    signal: interrupt.signal,
    say: (line) => console.log(line),
  });
  console.log(`\n${table(figures)}\n`);
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
  if (leftovers.length > 0) {
    console.error(`Something is left:\n${leftovers.map((name) => `  ${name}`).join('\n')}`);
    process.exitCode = 1;
  } else {
    console.log('Nothing is left: no namespace, no process, no file.');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
