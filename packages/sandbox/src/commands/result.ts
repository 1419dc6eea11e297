import { CommandDiskFull, CommandOutOfMemory } from '../errors.ts';
import type { AnswerOf } from '../wire/answer.ts';
import type { CommandResult } from '../commands-api.ts';
import { signalName } from './signals.ts';
import { type Tail, textOf } from './tail.ts';

const timedOutCode = 124;
const messageBytes = 4096;

export interface Tails {
  readonly stdout: Tail;
  readonly stderr: Tail;
}

type Ending = Pick<AnswerOf<'exit'>, 'code' | 'flags'> & { readonly ending: 'none' | 'exited' | 'signal' };

/** As shells count: 128 and the signal, 124 where the time was over. */
export function exitCodeOf({ ending, code, flags }: Ending): number {
  if (flags.timedOut) return timedOutCode;
  return ending === 'signal' ? 128 + code : code;
}

/** Throws where the end says nothing about the program: memory or disk ran out below it. */
export function resultOf(exit: AnswerOf<'exit'>, program: string, tails: Tails): CommandResult {
  const exitCode = exitCodeOf(exit);
  if (exit.flags.outOfMemory) {
    const [stdout, stderr] = [tails.stdout.end(messageBytes), tails.stderr.end(messageBytes)];
    throw new CommandOutOfMemory({ program, exitCode, stdout, stderr });
  }
  if (exit.flags.diskFull) throw new CommandDiskFull({ program, exitCode });
  const stdout = tails.stdout.output(exit.stdoutBytes);
  const stderr = tails.stderr.output(exit.stderrBytes);
  return {
    exitCode,
    ...(exit.ending === 'signal' && { signal: signalName(exit.code) }),
    timedOut: exit.flags.timedOut,
    stdout: textOf(stdout.bytes, stdout.truncated),
    stderr: textOf(stderr.bytes, stderr.truncated),
    output: { stdout, stderr },
    startedAt: isoOf(exit.startedAt),
    endedAt: isoOf(exit.endedAt),
  };
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
