import { parseArgs } from 'node:util';

export const USAGE =
  'Usage: npm run bench -- environments [--count N[,N…]] [--context NAME] [--profile FOLDER] [--json FILE]';

export interface Flags {
  /** How many environments at once; each number is a run of its own. Default 100. */
  readonly counts: readonly number[];
  /** A cluster of the user's instead of the local one. */
  readonly context: string | undefined;
  /** Where the server writes its processor profiles. */
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
        count: { type: 'string', default: '100' },
        context: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'string' },
      },
    });
    if (positionals.length !== 1 || positionals[0] !== 'environments') {
      return `There is one benchmark, environments, and not: ${positionals.join(' ') || 'nothing'}.`;
    }
    const counts = values.count.split(',').map(Number);
    if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1 && count <= 2_000)) {
      return `--count takes whole numbers from 1 to 2000, with commas between them, and not ${values.count}.`;
    }
    return { counts, context: values.context, profile: values.profile, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
