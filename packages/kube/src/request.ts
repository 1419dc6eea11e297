import { setTimeout as wait } from 'node:timers/promises';
import { EphemeraError, messageOf } from '@ephemera/model';
import { errors as undiciErrors, request as undiciRequest, type Dispatcher } from 'undici';
import { parseRetryAfter, retryDelayMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { DeadlineExceeded, Unreachable } from './errors.ts';
import { statusError, type StatusAnswer } from './status-error.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** What the call does, as the beginning of a sentence: "Applying Namespace//pr-1". */
  readonly what: string;
  /** For all attempts together. Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const defaultTimeoutMs = 30_000;

/**
 * One call to the API server, repeated while that can help and the deadline allows.
 * Every call that goes through here may run twice: reads, server-side apply, and deletes that carry a UID. A plain create
 * is therefore not offered.
 */
export async function call<Answer>(connection: Connection, request: KubeRequest): Promise<Answer> {
  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
  const deadline = AbortSignal.timeout(timeoutMs);
  const deadlineAt = performance.now() + timeoutMs;
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  // What the cluster said last is worth more than that the time is over.
  let lastSaid: EphemeraError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce<Answer>(connection, request, signal).catch((thrown: unknown) => {
      request.signal?.throwIfAborted();
      if (thrown instanceof EphemeraError) throw thrown;
      if (deadline.aborted)
        throw lastSaid ?? new DeadlineExceeded({ what: request.what, timeoutMs }, { cause: thrown });
      const error = new Unreachable({ server: connection.server, problem: messageOf(thrown) }, { cause: thrown });
      // We closed the connection ourselves; no attempt will ever get through again.
      if (thrown instanceof undiciErrors.ClientDestroyedError) throw error;
      return { error, retryAfterMs: undefined };
    });
    if ('answer' in outcome) return outcome.answer;
    // A conflict or a lost history is retryable only by reading again, which is the caller's business.
    if (!repeatable(outcome.error)) throw outcome.error;
    const delayMs = retryDelayMs(attempt, outcome.retryAfterMs, Math.random());
    lastSaid = outcome.error;
    // Nobody gains by waiting for the end of the time.
    if (performance.now() + delayMs >= deadlineAt) throw outcome.error;
    await wait(delayMs, undefined, { signal: request.signal }).catch(() => request.signal?.throwIfAborted());
  }
}

type Outcome<Answer> =
  | { readonly answer: Answer }
  | { readonly error: EphemeraError; readonly retryAfterMs: number | undefined };

async function attemptOnce<Answer>(
  connection: Connection,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<Outcome<Answer>> {
  const response = await send(connection, request, signal);
  const text = await response.body.text();
  if (response.statusCode < 300) return { answer: JSON.parse(text) as Answer };
  return failure(connection, request, response, text);
}

/** Sends one request and returns at the answer's headers: for calls and for streams alike. */
export async function send(
  connection: Connection,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const url = new URL(connection.server + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const authorization = await connection.authorization();
  return undiciRequest(url, {
    dispatcher: connection.dispatcher,
    method: request.method,
    signal,
    headers: {
      accept: 'application/json',
      'user-agent': 'ephemera',
      ...(authorization === undefined ? {} : { authorization }),
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
  });
}

export function failure(
  connection: Connection,
  request: KubeRequest,
  response: Dispatcher.ResponseData,
  text: string,
): { error: EphemeraError; retryAfterMs: number | undefined } {
  const header = response.headers['retry-after'];
  const retryAfterMs = parseRetryAfter(Array.isArray(header) ? header[0] : header, new Date());
  return {
    error: statusError(
      { what: request.what, server: connection.server },
      response.statusCode,
      readStatus(text),
      retryAfterMs,
    ),
    retryAfterMs,
  };
}

/** Proxies in between answer with HTML; then its first line has to do. */
function readStatus(text: string): StatusAnswer {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {}
  return { message: text.split('\n', 1)[0]?.slice(0, 200) ?? '' };
}

function repeatable(error: EphemeraError): boolean {
  return ['kube.unreachable', 'kube.throttled', 'kube.unavailable'].includes(error.code);
}
