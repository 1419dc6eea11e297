import type { Context } from '../../context.ts';
import { jsonText } from '../job/objects-text.ts';
import { textOf, visible, type Said } from '../job/narrator.ts';

/**
 * What is written by a step of GitHub Actions is read by its runner as well: a line that begins with `::`, or has `##[` anywhere, may be a
 * command to it. Pods write whatever they like, so theirs are broken up there. Pure.
 */
export function withoutCommands(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '# #[');
}

export interface Voice {
  /** Whether lines of pods go where control characters are obeyed: a terminal, or the page of a workflow's run. */
  readonly terminal: boolean;
  readonly say: (said: Said) => void;
  /** One value on standard output. */
  readonly json: (value: unknown) => void;
}

/** `logsTo`: where the lines of pods go, `stderr` where standard output is kept for JSON. */
export function voiceOf({ process, environment }: Context, logsTo: 'stdout' | 'stderr' = 'stdout'): Voice {
  const inActions = environment['GITHUB_ACTIONS'] === 'true';
  return {
    terminal: inActions || process[logsTo].isTTY,
    say: (said) => {
      const to = said.to === 'stdout' ? logsTo : said.to;
      // What is told about a job is for people, whoever wrote it; only its own lines are left as they are.
      const line = said.to === 'stdout' ? said.line : visible(said.line);
      process[to].write(textOf({ ...said, line: inActions ? withoutCommands(line) : line }));
    },
    json: (value) => {
      const text = jsonText(value);
      process.stdout.write(`${inActions ? text.replaceAll('##[', String.raw`#\u0023[`) : text}\n`);
    },
  };
}
