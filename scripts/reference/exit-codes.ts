import { defineError } from '@ephemera/model';
import type { Catalogue } from './errors.ts';
import { load } from './load.ts';
import { table } from './markdown.ts';

interface ExitCodes {
  readonly exitCodes: Readonly<Record<string, number>>;
  readonly exitCodeOf: (thrown: unknown) => number;
}

const MEANINGS: Readonly<Record<string, string>> = {
  fine: 'done',
  failed: 'failed; `cluster status`: the cluster is not up',
  badInput: 'bad input: an unknown command or flag, a setting that cannot be used',
  refused: 'the cluster or the server refused, or does not answer',
  deadline: 'it took too long',
  noResult:
    '`sandbox run`, `exec` and `shell`: the command has no exit code of its own, whatever the error; standard error says why',
  interrupted:
    'interrupted by Ctrl-C or a signal before it was done; what was started has been taken down, but for jobs, which go on',
  outputClosed: 'the same, as nobody reads the output any more, as with `| head`',
};

export async function exitCodesPage(root: string, catalogues: readonly Catalogue[]): Promise<string> {
  const { exitCodes, exitCodeOf } = await load<ExitCodes>(root, 'apps/cli/src/exit-code.ts');
  const ends = catalogues
    .flatMap(({ errors }) => errors)
    .map((error) => ({
      code: error.code,
      exit: exitCodeOf(new (defineError({ ...error, message: () => '', hint: '' }))({})),
    }));
  const rows = Object.entries(exitCodes).map(([name, exit]) => {
    const meaning = MEANINGS[name];
    if (meaning === undefined) throw new Error(`scripts/reference/exit-codes.ts does not say what ${name} means`);
    const codes =
      exit === exitCodes['failed']
        ? ['every other code']
        : ends.filter((end) => end.exit === exit).map(({ code }) => `\`${code}\``);
    return [String(exit), meaning, exit === exitCodes['fine'] ? '' : codes.toSorted().join(', ')];
  });
  return [
    '# Exit codes',
    '',
    'The same for all commands.',
    '',
    table(['exit code', 'meaning', 'error codes'], rows),
    '',
    '`job run --wait` ends as the Job did: 0 complete, 1 failed or unable to start, 7 at its deadline or at `--timeout`.',
    '`sandbox run`, `sandbox exec` and `sandbox shell` end as the command in the sandbox did: 128 + n where signal n ended it, 124 where its `--timeout` was over.',
    '`cluster kubectl` ends with the exit code of kubectl. `up` and `fake-github` run until SIGINT, SIGTERM or SIGHUP, and then end with 0.',
    '`npm test` ends with 1 when a test failed and, with `CI=true`, when a tier was skipped; `npm run check` with 1 when it found something.',
  ].join('\n');
}
