import { OutputLost, SandboxInvalid } from '../errors.ts';
import type { CommandHandle, LogChunk, LogOptions, WaitOptions } from '../commands-api.ts';
import type { Link } from '../link/link.ts';
import { RunnerError } from '../link/runner-error.ts';
import type { AnswerOf } from '../wire/answer.ts';
import type { Request } from '../wire/request.ts';
import { checkCollect, checkFrom, checkKill, checkOffset, checkSize, refuse } from './check.ts';
import { collect } from './collect.ts';
import { follow } from './follow.ts';
import { defaultGraceMs } from './launch.ts';
import { resultOf } from './result.ts';
import { signalNumber } from './signals.ts';
import { StdinSender } from './stdin-sender.ts';
import { type Asked, commandError } from './translate.ts';

/** Holds no stream and no timer: what is not asked for costs nothing. */
export function createHandle(link: Link, of: Asked): CommandHandle {
  const { id } = of;
  const sender = new StdinSender(link, id, { sole: false });
  return {
    id,
    wait: (options = {}) => wait(link, of, options),
    logs: (options = {}) => logs(link, of, options),
    kill: async (options = {}) => {
      refuse('Killing the command', checkKill(options));
      const { signal, graceMs = defaultGraceMs } = options;
      const number = signal && signalNumber(signal);
      // Another KILL changes nothing; another SIGUSR1 would be one too many.
      if (number === undefined) await told(link, of, { kind: 'kill', id, graceMs }, true);
      else await told(link, of, { kind: 'signal', id, signal: number, tree: true }, false);
    },
    write: async (bytes, options = {}) => {
      refuse('Writing to the command', checkOffset(options.offset));
      await translated(of, sender.send(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, options));
    },
    closeStdin: ({ signal } = {}) => translated(of, sender.close(signal)),
    resize: async (size) => {
      refuse('Resizing the terminal', checkSize(size));
      await translated(of, link.ask({ kind: 'resize', id, ...size }, { repeat: true }));
    },
  };
}

async function wait(link: Link, of: Asked, options: WaitOptions) {
  refuse('Waiting for the command', checkCollect(options));
  const events = follow(link, { id: of.id, follow: true, signal: options.signal });
  const { exit, tails } = await translated(of, collect(events, options));
  return resultOf(exit, of.program, tails);
}

async function* logs(link: Link, of: Asked, options: LogOptions): AsyncGenerator<LogChunk, void, undefined> {
  const { from, follow: on = true, signal } = options;
  refuse('Reading the logs', checkFrom(from));
  try {
    for await (const event of follow(link, { id: of.id, from, follow: on, signal })) {
      if (event.kind === 'lost') throw new OutputLost({ stream: event.stream, from: event.from, to: event.to });
      if (event.kind === 'out') yield { stream: event.stream, offset: event.offset, bytes: event.data };
      else checkNotBeyond(event, from);
    }
  } catch (error) {
    throw commandError(error, of);
  }
}

/** An offset after the end is one of another command: nothing would look like nothing more. */
function checkNotBeyond(exit: AnswerOf<'exit'>, from: LogOptions['from'] = {}): void {
  const totals = { stdout: exit.stdoutBytes, stderr: exit.stderrBytes };
  for (const stream of ['stdout', 'stderr'] as const) {
    const at = from[stream] ?? 0;
    if (at <= totals[stream]) continue;
    const problem = {
      path: `from.${stream}`,
      problem: `is ${at}, after its end at ${totals[stream]}`,
      fix: 'Use an offset of this command.',
    };
    throw new SandboxInvalid({ what: 'Reading the logs', problems: [problem] });
  }
}

/** What has ended, and is known no more, needs no signal. */
async function told(link: Link, of: Asked, request: Request, repeat: boolean): Promise<void> {
  try {
    await link.ask(request, { repeat });
  } catch (error) {
    if (error instanceof RunnerError && error.problem === 'unknown_command') return;
    throw commandError(error, of);
  }
}

async function translated<T>(of: Asked, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw commandError(error, of);
  }
}
