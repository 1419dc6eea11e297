import { parseArgs } from 'node:util';

export const USAGE =
  'Usage: npm run bench -- environments|jobs|pr-jobs|sandboxes [--count N[,N…]] [--context NAME] [--profile FOLDER] [--json FILE]';

/** How many at once, or one after another at a fixed rate, where `--count` does not say. */
const defaultCounts = { environments: '100', jobs: '1,40', 'pr-jobs': '500', sandboxes: '50' } as const;

export interface Flags {
  readonly name: keyof typeof defaultCounts;
  /** How many environments, jobs or sandboxes at once, or creations; each number is a run of its own. Default 100; 1 and 40; 50; 500. */
  readonly counts: readonly number[];
  /** A cluster of the user's instead of the local one. */
  readonly context: string | undefined;
  /** Where processor profiles are written: of the server, or of the process that runs the jobs. */
  readonly profile: string | undefined;
  readonly json: string | undefined;
}

/** Reads the command line, or says what is wrong with it. Pure. */
export function readFlags(args: readonly string[]): Flags | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        count: { type: 'string' },
        context: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'string' },
      },
    });
    const [name] = positionals;
    if (positionals.length !== 1 || !isBenchmark(name)) {
      return `The benchmarks are environments, jobs, pr-jobs and sandboxes, and not: ${positionals.join(' ') || 'nothing'}.`;
    }
    const { count = defaultCounts[name] } = values;
    const counts = count.split(',').map(Number);
    if (!counts.every((each) => Number.isSafeInteger(each) && each >= 1 && each <= 2_000)) {
      return `--count takes whole numbers from 1 to 2000, with commas between them, and not ${count}.`;
    }
    return { name, counts, context: values.context, profile: values.profile, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isBenchmark(name: string | undefined): name is Flags['name'] {
  return name !== undefined && Object.hasOwn(defaultCounts, name);
}
