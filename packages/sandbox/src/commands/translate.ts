import { CommandNotStarted, CommandUnknown, SandboxRefused } from '../errors.ts';
import { RunnerError } from '../link/runner-error.ts';

/** Why the kernel does not run a program, in words; by the numbers of Linux. */
const reasons: Readonly<Record<number, string>> = {
  2: 'there is no such file',
  5: 'the disk failed',
  7: 'its arguments and environment are too long',
  8: 'it is no program that this machine runs',
  11: 'there are too many processes',
  12: 'there is not enough memory',
  13: 'it may not be executed',
  20: 'a part of the path is no folder',
  21: 'it is a folder',
  26: 'it is being written to',
  36: 'the path is too long',
  40: 'there are too many links in the path',
};

export interface Asked {
  readonly id: string;
  readonly program: string;
}

/** What the runner's no means to somebody who wanted something of a command. Other errors stay as they are. */
export function commandError(error: unknown, { id, program }: Asked): unknown {
  if (!(error instanceof RunnerError)) return error;
  const options = { cause: error };
  if (error.problem === 'unknown_command') return new CommandUnknown({ id }, options);
  const reason = reasons[error.errno];
  const said = error.message === 'the program cannot be run' ? [] : [error.message];
  const problem = [...said, reason ?? `error ${error.errno}`].join(': ');
  if (error.problem === 'not_started') return new CommandNotStarted({ program, problem }, options);
  return new SandboxRefused({ what: `command ${id}`, problem }, options);
}
