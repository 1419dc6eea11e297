import { ProtocolMismatch } from '../errors.ts';
import type { ByteStream } from '../host.ts';
import { decodeAnswer, type AnswerOf } from '../wire/answer.ts';
import { FrameDecoder } from '../wire/frame-decoder.ts';
import { MOST_FROM_RUNNER, PROTOCOL_VERSION } from '../wire/limits.ts';
import { encodeRequest, type Request } from '../wire/request.ts';

export interface Greeted {
  /** What was not read of the given one. */
  readonly stream: ByteStream;
  readonly hello: AnswerOf<'hello'>;
  readonly figures: AnswerOf<'info'>['figures'];
}

/**
 * The first words with a runner: an open stream alone does not prove that there is one. With `expire` the end of its time is set to what is
 * left of it, as its own count began with its start, and the sandbox's with its creation. Throws what the stream throws, and `sandbox.protocol`.
 */
export async function greet(
  stream: ByteStream,
  expire?: Omit<Extract<Request, { kind: 'expire' }>, 'kind'>,
): Promise<Greeted> {
  const requests: readonly Request[] = [
    { kind: 'hello', version: PROTOCOL_VERSION },
    ...(expire === undefined ? [] : [{ kind: 'expire' as const, ...expire }]),
    { kind: 'info' },
  ];
  await stream.write(Buffer.concat(requests.map((request, place) => encodeRequest(place + 1, request))));
  const reader = stream.readable[Symbol.asyncIterator]();
  const decoder = new FrameDecoder(MOST_FROM_RUNNER);
  let hello: AnswerOf<'hello'> | undefined;
  let figures: AnswerOf<'info'>['figures'] | undefined;
  // Requests are carried out in their order, so the end of the last one is the end of all.
  for (;;) {
    const read = await reader.next();
    if (read.done === true) throw new ProtocolMismatch({ problem: 'its stream ended before it answered' });
    for (const frame of decoder.push(read.value)) {
      const answer = decodeAnswer(frame);
      if (answer.kind === 'error') throw new ProtocolMismatch({ problem: answer.message });
      if (answer.kind === 'hello') hello = answer;
      if (answer.kind === 'info') figures = answer.figures;
      if (answer.kind !== 'end' || frame.channel !== requests.length) continue;
      if (hello === undefined || figures === undefined) throw new ProtocolMismatch({ problem: 'it answers nothing' });
      if (hello.version !== PROTOCOL_VERSION)
        throw new ProtocolMismatch({ problem: `it speaks version ${hello.version}` });
      return { stream: { ...stream, readable: { [Symbol.asyncIterator]: () => reader } }, hello, figures };
    }
  }
}
