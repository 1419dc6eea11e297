import { EphemeraError, messageOf } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { DeadlineExceeded, Unreachable } from './errors.ts';
import { objectPath } from './kinds.ts';
import { failure, send, type KubeRequest } from './request.ts';

export interface LogOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Goes on until the container ends. Default false. */
  readonly follow?: boolean;
  /** RFC 3339. Only what was written from then on, to the second. */
  readonly sinceTime?: string;
  /** Only the last so many lines. */
  readonly tailLines?: number;
  /** Each line begins with the time at which it was written and a blank. Default false. */
  readonly timestamps?: boolean;
  /** The log of the container's run before this one. Default false. */
  readonly previous?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How long the API server may take to begin its answer; it asks the node, which may be slow. */
const answerTimeoutMs = 30_000;
/** A line that is longer comes in parts of this size: a program that never ends its line must not fill the memory of who reads. */
const maxLineLength = 1024 * 1024;

/** Whether this is a part of a line and the next one goes on with it. True for no whole line. Pure. */
export function goesOn(line: string): boolean {
  return line.length === maxLineLength;
}

/**
 * Reads the log of one container, line by line, without the ends of lines (a line over 1 MiB in parts, see `goesOn`); as fast as they are taken, so a slow reader holds the cluster
 * back instead of filling memory. It ends where the log ends, or, followed, with the container.
 *
 * A log that is followed is no record: the cluster ends the stream when it rotates the file, and says nothing when it loses lines.
 * Throws `kube.unreachable` when the connection breaks in between; who follows goes on from the last time stamp.
 */
export async function* logs(connection: Connection, options: LogOptions): AsyncGenerator<string, void, undefined> {
  const { namespace, pod, container, follow, sinceTime, tailLines, timestamps, previous, signal } = options;
  const request: KubeRequest = {
    method: 'GET',
    path: `${objectPath({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod })}/log`,
    query: { container, follow, sinceTime, tailLines, timestamps, previous },
    what: `Reading the log of ${container} in Pod ${pod} in ${namespace}`,
  };
  const body = await open(connection, request, signal);
  try {
    yield* textLines(body);
  } catch (thrown) {
    signal?.throwIfAborted();
    const problem = `the log of ${container} in Pod ${pod} broke off: ${messageOf(thrown)}`;
    throw new Unreachable({ server: connection.server, problem }, { cause: thrown });
  } finally {
    body.destroy();
  }
}

async function open(connection: Connection, request: KubeRequest, signal: AbortSignal | undefined) {
  // The deadline is for the beginning only: a log may be followed for hours.
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new DeadlineExceeded({ what: request.what, timeoutMs: answerTimeoutMs })),
    answerTimeoutMs,
  );
  try {
    const signals = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    const response = await send(connection, request, { signal: signals });
    if (response.statusCode < 300) return response.body;
    throw failure(connection, request, response, await response.body.text()).error;
  } catch (thrown) {
    signal?.throwIfAborted();
    if (late.signal.aborted) throw late.signal.reason;
    if (thrown instanceof EphemeraError) throw thrown;
    throw new Unreachable({ server: connection.server, problem: messageOf(thrown) }, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

async function* textLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete) yield* parts(line);
    for (; rest.length > maxLineLength; rest = rest.slice(maxLineLength)) yield rest.slice(0, maxLineLength);
  }
  rest += decoder.decode();
  if (rest !== '') yield* parts(rest);
}

/** A line as one, or in pieces that are not too long; the last one is shorter than the others, and may be empty. */
function* parts(line: string): Generator<string, void, undefined> {
  for (let at = 0; at <= line.length; at += maxLineLength) yield line.slice(at, at + maxLineLength);
}
