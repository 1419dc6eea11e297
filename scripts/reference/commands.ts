import { load } from './load.ts';

/** As much of the command line as its help takes. */
interface Stricli {
  readonly run: (app: unknown, inputs: readonly string[], context: unknown) => Promise<void>;
}

/** The help of every command, as a user gets it. */
export async function commandsPage(root: string): Promise<string> {
  const helps = await helpOf(await asking(root), []);
  return [
    '# Commands',
    '',
    '`npx ephemera` works in a clone after the first `npm run demo` or `npm test`. What a command ends with: [exit codes](exit-codes.md).',
    ...helps.flatMap(({ command, text }) => [
      '',
      `## ${['ephemera', ...command].join(' ')}`,
      '',
      '```text',
      text.trimEnd(),
      '```',
    ]),
  ].join('\n');
}

interface Help {
  readonly command: readonly string[];
  readonly text: string;
}

type Ask = (command: readonly string[]) => Promise<string>;

async function asking(root: string): Promise<Ask> {
  const [{ run }, { app }] = await Promise.all([
    load<Stricli>(root, 'node_modules/@stricli/core/dist/index.js'),
    load<{ app: unknown }>(root, 'apps/cli/src/app.ts'),
  ]);
  return async (command) => {
    let text = '';
    const out = { write: (part: string) => (text += part) };
    // No variable of this machine may change what the page says.
    await run(app, [...command, '--help'], { process: { stdout: out, stderr: out, env: {} }, environment: {} });
    return text;
  };
}

async function helpOf(ask: Ask, command: readonly string[]): Promise<readonly Help[]> {
  const text = await ask(command);
  const below = await Promise.all(subcommands(text).map((name) => helpOf(ask, [...command, name])));
  return [{ command, text }, ...below.flat()];
}

/** The names under the heading COMMANDS. Pure. */
export function subcommands(help: string): readonly string[] {
  const [, listed = ''] = help.split(/^COMMANDS$/m);
  return [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)].map((match) => String(match[1]));
}
