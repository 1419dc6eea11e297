import { setTimeout as wait } from 'node:timers/promises';
import { EphemeraError, messageOf } from '@ephemera/model';
import { errors as undiciErrors, request as undiciRequest, type Dispatcher } from 'undici';
import { parseRetryAfter, retryDelayMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { DeadlineExceeded, Throttled, Unreachable } from './errors.ts';
import type { Urgency } from './gate.ts';
import { statusError, type StatusAnswer } from './status-error.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
  /** What the call does, as the beginning of a sentence: "Applying Namespace//pr-1". */
  readonly what: string;
  /** For all attempts together. Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Whose `Retry-After` it keeps. Default `bulk`. */
  readonly urgency?: Urgency | undefined;
}

const defaultTimeoutMs = 30_000;
/**
 * A call waits in place where the cluster asks for this long at most. Longer waits are the caller's: whoever works on many things
 * has a better use for the time.
 */
const patienceMs = 10_000;

/**
 * One call to the API server, repeated while that can help and the deadline allows.
 * Every call that goes through here may run twice: reads, server-side apply, deletes that carry a UID, and creations whose name the
 * caller has chosen, which are told by it.
 */
export async function call<Answer>(connection: Connection, request: KubeRequest): Promise<Answer> {
  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
  const deadline = AbortSignal.timeout(timeoutMs);
  const deadlineAt = performance.now() + timeoutMs;
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  // What the cluster said last is worth more than that the time is over.
  let lastSaid: EphemeraError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const latest = Math.min(deadlineAt, performance.now() + patienceMs);
    const outcome = await attemptOnce<Answer>(connection, request, { signal, latest }).catch((thrown: unknown) => {
      request.signal?.throwIfAborted();
      if (thrown instanceof Throttled) throw lastSaid?.details['retryAfterMs'] === undefined ? thrown : lastSaid;
      if (thrown instanceof EphemeraError) throw thrown;
      if (deadline.aborted)
        throw lastSaid ?? new DeadlineExceeded({ what: request.what, timeoutMs }, { cause: thrown });
      const error = new Unreachable({ server: connection.server, problem: messageOf(thrown) }, { cause: thrown });
      // We closed the connection ourselves; no attempt will ever get through again.
      if (thrown instanceof undiciErrors.ClientDestroyedError) throw error;
      return { error, retryAfterMs: undefined, gateShut: false };
    });
    if ('answer' in outcome) return outcome.answer;
    // A conflict or a lost history is retryable only by reading again, which is the caller's business.
    if (!repeatable(outcome.error)) throw outcome.error;
    lastSaid = outcome.error;
    const askedMs = outcome.retryAfterMs ?? 0;
    const delayMs = retryDelayMs(attempt, outcome.gateShut ? 0 : askedMs, Math.random());
    // Then the gate of its class knows when the next attempt may leave. One that was shut for a shorter time than a repeat waits anyway,
    // as by `Retry-After: 0`, would let it through at once, again and again.
    if (outcome.gateShut && askedMs >= delayMs) continue;
    // Nobody gains by waiting for the end of the time.
    if (performance.now() + delayMs >= deadlineAt) throw outcome.error;
    await wait(delayMs, undefined, { signal: request.signal }).catch(() => request.signal?.throwIfAborted());
  }
}

type Outcome<Answer> = { readonly answer: Answer } | Failure;

interface Failure {
  readonly error: EphemeraError;
  readonly retryAfterMs: number | undefined;
  /** Whether its `Retry-After` has shut the gate of its class. */
  readonly gateShut: boolean;
}

async function attemptOnce<Answer>(
  connection: Connection,
  request: KubeRequest,
  limits: SendLimits,
): Promise<Outcome<Answer>> {
  const response = await send(connection, request, limits);
  const text = await response.body.text();
  if (response.statusCode < 300) return { answer: JSON.parse(text) as Answer };
  return failure(connection, request, response, text);
}

export interface SendLimits {
  readonly signal: AbortSignal;
  /** How long to wait for the gate of its class, on the clock of `performance.now()`. Default: as long as it takes. */
  readonly latest?: number;
}

/**
 * Sends one request and returns at the answer's headers: for calls and for streams alike.
 * Throws `kube.throttled` where the cluster has asked its class to wait beyond `latest`.
 */
export async function send(
  connection: Connection,
  request: KubeRequest,
  { signal, latest = Infinity }: SendLimits,
): Promise<Dispatcher.ResponseData> {
  const tooLongMs = await connection.gates[request.urgency ?? 'bulk'].enter({ latest, signal });
  if (tooLongMs !== undefined) throw new Throttled({ what: request.what, retryAfterMs: tooLongMs });
  const url = new URL(connection.server + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const { dispatcher, authorization } = await connection.door();
  return undiciRequest(url, {
    dispatcher,
    method: request.method,
    signal,
    headers: {
      accept: request.accept ?? 'application/json',
      'user-agent': 'ephemera',
      ...(authorization === undefined ? {} : { authorization }),
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    body: request.body === undefined ? null : bodyText(request.body),
  });
}

/**
 * JSON that is also YAML: server-side apply reads it as that, and YAML takes no control characters but line breaks and tabs. JSON escapes
 * those below a blank by itself.
 */
function bodyText(body: unknown): string {
  return JSON.stringify(body).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}

/** One answer that is no success → its error. A `Retry-After` in it holds for the whole class of the call. */
export function failure(
  connection: Connection,
  request: Pick<KubeRequest, 'what' | 'urgency'>,
  response: Pick<Dispatcher.ResponseData, 'headers' | 'statusCode'>,
  text: string,
): Failure {
  const header = response.headers['retry-after'];
  const retryAfterMs = parseRetryAfter(Array.isArray(header) ? header[0] : header, new Date());
  // With other answers it is about one object, with these about all of us.
  const gateShut = retryAfterMs !== undefined && [429, 503].includes(response.statusCode);
  if (gateShut) connection.gates[request.urgency ?? 'bulk'].shut(retryAfterMs);
  // The API server marks every answer with the id of its audit record; a proxy's own page has none.
  const saidBy = response.headers['audit-id'] === undefined ? 'somebody' : 'api server';
  return {
    error: statusError(
      { what: request.what, server: connection.server, saidBy },
      response.statusCode,
      readStatus(text),
      retryAfterMs,
    ),
    retryAfterMs,
    gateShut,
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
