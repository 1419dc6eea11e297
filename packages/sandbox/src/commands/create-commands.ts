import { isDeepStrictEqual } from 'node:util';
import { CommandUnknown, SandboxInvalid } from '../errors.ts';
import type { CommandHandle, CommandInfo, Commands, StartOptions } from '../commands-api.ts';
import type { Link } from '../link/link.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { checkCommand, checkId, checkSize, refuse } from './check.ts';
import { createHandle } from './handle.ts';
import { launch, newLaunch, stop } from './launch.ts';
import { exitCodeOf, isoOf } from './result.ts';
import { run } from './run.ts';
import { commandError } from './translate.ts';

/** Of arguments the runner tells the first so many bytes, with a length before each. */
const mostToldBytes = 4 * 1024;
const lengthBytes = 4;

/** The commands of one sandbox, by whatever link leads to its runner. */
export function createCommands(link: Link): Commands {
  return {
    run: (argv, options = {}) => run(link, argv, options),
    shell: async (script, options = {}) => run(link, shellArgv(script), options),
    start: (argv, options = {}) => start(link, argv, options),
    connect: (id) => connect(link, id),
    list: async () => (await commandsOf(link)).map(infoOf),
  };
}

/** A space before a script that begins as an option does: the shell would take it for one. */
export function shellArgv(script: string): readonly string[] {
  if (typeof script !== 'string' || script === '') {
    const problem = {
      path: 'script',
      problem: 'is no text',
      fix: 'Give a line for /bin/sh; a list of arguments is for commands.run.',
    };
    throw new SandboxInvalid({ what: 'Running the command', problems: [problem] });
  }
  return ['/bin/sh', '-c', /^[-+]/.test(script) ? ` ${script}` : script];
}

async function start(link: Link, argv: readonly string[], options: StartOptions): Promise<CommandHandle> {
  refuse('Starting the command', [
    ...checkCommand(argv, options),
    ...checkId(options.id),
    ...checkSize(options.terminal),
  ]);
  options.signal?.throwIfAborted();
  const { stdin = false, terminal, signal, id } = options;
  const started = newLaunch([...argv], options, {
    stdin,
    ...(id !== undefined && { id }),
    ...(terminal && { terminal }),
  });
  const of = { id: started.request.id, program: String(argv[0]) };
  try {
    await launch(link, started, signal);
  } catch (error) {
    if (signal?.aborted && id === undefined) await stop(link, started);
    throw commandError(error, of);
  }
  if (id !== undefined && started.existed) await demandSame(link, id, argv);
  return createHandle(link, of);
}

/** Throws SandboxInvalid where the command of this id is another one, as far as the runner tells. */
async function demandSame(link: Link, id: string, argv: readonly string[]): Promise<void> {
  const known = (await commandsOf(link)).find((command) => command.id === id);
  if (!known || isDeepStrictEqual(known.argv, toldOf(argv))) return;
  const problem = { path: 'id', problem: 'is that of another command', fix: 'Take an id that is new in this sandbox.' };
  throw new SandboxInvalid({ what: 'Starting the command', problems: [problem] });
}

/** Arguments as the runner tells them of a command: each with its length, 4 KiB in all. Pure. */
export function toldOf(argv: readonly string[]): readonly string[] {
  const told: string[] = [];
  let left = mostToldBytes;
  for (const argument of argv) {
    if (left < lengthBytes) break;
    left -= lengthBytes;
    const bytes = Buffer.from(argument).subarray(0, left);
    left -= bytes.byteLength;
    told.push(bytes.toString());
  }
  return told;
}

async function connect(link: Link, id: string): Promise<CommandHandle> {
  const command = (await commandsOf(link)).find((known) => known.id === id);
  if (!command) throw new CommandUnknown({ id });
  return createHandle(link, { id, program: command.argv[0] ?? id });
}

async function commandsOf(link: Link): Promise<readonly AnswerOf<'command'>[]> {
  const answers = await link.ask({ kind: 'commands' }, { repeat: true });
  return answers.filter((answer) => answer.kind === 'command');
}

function infoOf(command: AnswerOf<'command'>): CommandInfo {
  const { id, argv, state, startedAt } = command;
  const shared = { id, argv, state, startedAt: isoOf(startedAt) };
  return state === 'running' ? shared : { ...shared, endedAt: isoOf(command.endedAt), exitCode: exitCodeOf(command) };
}
