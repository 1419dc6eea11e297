import type { ByteStream } from '../../src/host.ts';
import { createLink, type Link } from '../../src/link/link.ts';
import { type Answer, codeOf, encodeAnswer, type RunnerProblem } from '../../src/wire/answer.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { MOST_TO_RUNNER, PROTOCOL_VERSION } from '../../src/wire/limits.ts';
import { decodeRequest, type Request } from '../../src/wire/request.ts';
import { memoryStream } from './memory-stream.ts';
import { placeOf } from './place.ts';

/** What a script has of one request: the means to answer, whatever a real runner would say. */
export interface Turn {
  readonly channel: number;
  answer(...answers: Answer[]): void;
  end(...answers: Answer[]): void;
  refuse(problem: RunnerProblem, errno?: number): void;
  /** Ends the stream under all channels. */
  cut(): void;
}

export type Script = (request: Request, turn: Turn) => void;

export interface Scripted extends Disposable {
  readonly link: Link;
  /** All requests so far beside HELLO and ENV. */
  readonly seen: readonly Request[];
}

const bootId = new Uint8Array(16).fill(7);

/** A link to a runner that answers as the script says, truthful or not. `verdict`: what the host says once the stream was cut. */
export function scriptedRunner(script: Script, verdict?: () => Error | undefined): Scripted {
  const seen: Request[] = [];
  const open = () => {
    const [client, server] = memoryStream();
    void serve(server, (request, turn) => {
      if (request.kind !== 'hello' && request.kind !== 'env') seen.push(request);
      script(request, turn);
    });
    return Promise.resolve(client);
  };
  const link = createLink(placeOf(open, verdict), { mostBackoffMs: 5, lostAfterMs: 5_000 });
  return { link, seen, [Symbol.dispose]: () => link.dispose() };
}

async function serve(stream: ByteStream, script: Script): Promise<void> {
  const decoder = new FrameDecoder(MOST_TO_RUNNER);
  try {
    for await (const bytes of stream.readable) {
      for (const frame of decoder.push(bytes)) carryOut(stream, frame.channel, decodeRequest(frame), script);
    }
  } catch {
    stream.close();
  }
}

function carryOut(stream: ByteStream, channel: number, request: Request, script: Script): void {
  const answer = (...answers: Answer[]) => {
    for (const one of answers) stream.write(encodeAnswer(channel, one)).catch(() => undefined);
  };
  const end = (...answers: Answer[]) => answer(...answers, { kind: 'end' });
  if (request.kind === 'env') return end();
  if (request.kind === 'hello') {
    return end({ kind: 'hello', version: PROTOCOL_VERSION, bootId, now: 0, uptimeMs: 0, expiresInMs: undefined });
  }
  script(request, {
    channel,
    answer,
    end,
    refuse: (problem, errno = 0) => answer({ kind: 'error', code: codeOf(problem), errno, message: problem }),
    cut: () => stream.close(),
  });
}

/** An ENTRY as the runner sends it. */
export function entry(
  path: string | Uint8Array,
  facts: Partial<Omit<Extract<Answer, { kind: 'entry' }>, 'kind' | 'path' | 'target'>> & {
    readonly target?: string;
  } = {},
): Answer {
  const { target = '', ...rest } = facts;
  return {
    kind: 'entry',
    entry: 'file',
    size: 0,
    mode: 0o644,
    modifiedAt: 1_700_000_000_000,
    version: 1n,
    ...rest,
    path: Buffer.from(path),
    target: Buffer.from(target),
  };
}
