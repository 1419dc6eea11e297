import { ProtocolMismatch } from '../errors.ts';
import type { Channel, Link } from '../link/link.ts';
import { StreamBroken } from '../link/runner-error.ts';
import type { AnswerOf, OutputStream } from '../wire/answer.ts';
import type { RequestOf } from '../wire/request.ts';
import { checkInVain, type Launch, launchAttached } from './launch.ts';

/** How much is on its way to one reader: enough for a fast reader far away, and little where dozens of commands write at once. */
const windowBytes = 512 * 1024;
const creditBytes = windowBytes / 4;

export interface FollowOptions {
  readonly id: string;
  /** Where it is to be started first. */
  readonly started?: Launch;
  readonly from?: Readonly<Partial<Record<OutputStream, number>>> | undefined;
  /** Whether to go on until it has ended. */
  readonly follow: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called once the command is there. */
  readonly onStarted?: () => void;
}

export type Followed = AnswerOf<'out'> | AnswerOf<'lost'> | AnswerOf<'exit'>;

/**
 * What a command writes, each byte once and in order, and how it ended, however often the stream to the runner breaks: after each break it is asked for
 * what comes after the last byte that arrived. Throws what the link throws, and RunnerError.
 */
export async function* follow(link: Link, options: FollowOptions): AsyncGenerator<Followed, void, undefined> {
  const at = { stdout: options.from?.stdout ?? 0, stderr: options.from?.stderr ?? 0 };
  for (let first = true; ;) {
    try {
      const channel = await attach(link, options, at);
      if (first) options.onStarted?.();
      first = false;
      yield* answersOf(channel, at);
      return;
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw error;
      if (options.started) checkInVain(link, options.started, error);
    }
  }
}

type At = Record<OutputStream, number>;

async function attach(link: Link, options: FollowOptions, at: Readonly<At>): Promise<Channel> {
  const { id, started, signal } = options;
  const request: RequestOf<'attach'> = {
    kind: 'attach',
    id,
    fromStdout: at.stdout,
    fromStderr: at.stderr,
    window: windowBytes,
    follow: options.follow,
  };
  return started && !started.confirmed
    ? launchAttached(link, started, request, signal)
    : link.open(request, { signal });
}

async function* answersOf(channel: Channel, at: At): AsyncGenerator<Followed, void, undefined> {
  const from = { ...at };
  let owed = 0;
  for await (const answer of channel.answers) {
    if (answer.kind === 'exit') {
      checkEnd(answer, from, at);
      yield answer;
      return;
    }
    if (answer.kind === 'out' || answer.kind === 'lost') {
      const [start, to] = rangeOf(answer);
      if (to < start || (to === start && answer.kind === 'lost')) {
        throw new ProtocolMismatch({ problem: `${answer.stream} is said to have lost what is from ${start} to ${to}` });
      }
      if (start !== at[answer.stream]) {
        throw new ProtocolMismatch({ problem: `${answer.stream} goes on at ${start} instead of ${at[answer.stream]}` });
      }
      at[answer.stream] = to;
      yield answer;
      // Only now was it taken: whoever reads slowly is sent as slowly.
      owed += answer.kind === 'out' ? answer.data.byteLength : 0;
      if (owed >= creditBytes) channel.credit(owed);
      owed = owed >= creditBytes ? 0 : owed;
    }
  }
}

function rangeOf(answer: AnswerOf<'out'> | AnswerOf<'lost'>): readonly [number, number] {
  return answer.kind === 'out' ? [answer.offset, answer.offset + answer.data.byteLength] : [answer.from, answer.to];
}

/** The end is told after the last byte, and counts all that came. Who asked for what is beyond the end gets nothing. */
function checkEnd({ stdoutBytes, stderrBytes }: AnswerOf<'exit'>, from: Readonly<At>, at: Readonly<At>): void {
  if (at.stdout < stdoutBytes || at.stderr < stderrBytes) {
    throw new ProtocolMismatch({ problem: 'a command is said to have ended before all of its output came' });
  }
  if (at.stdout > Math.max(from.stdout, stdoutBytes) || at.stderr > Math.max(from.stderr, stderrBytes)) {
    throw new ProtocolMismatch({ problem: 'a command is said to have written less than what came' });
  }
}
