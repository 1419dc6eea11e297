import { messageOf } from '@ephemera/model';
import { BadInput, ServerRefused, ServerUnreachable, TokenRefused } from './errors.ts';

/** An environment as the API shows it, as far as the commands print it. */
export interface EnvironmentView {
  readonly id: number;
  readonly repository_full_name: string;
  readonly pr_number: number;
  readonly pr_title: string | null;
  readonly branch_name: string;
  readonly generation: number;
  readonly commit_sha: string;
  readonly namespace: string;
  readonly environment_url: string;
  readonly status: string;
  readonly held: boolean;
  readonly error_message: string | null;
  readonly created_at: string;
}

export interface EventView {
  readonly id: number;
  readonly at: string;
  readonly kind: 'status' | 'step' | 'note';
  readonly name: string;
  readonly commit_sha: string;
  readonly message: string | null;
}

type Variables = Readonly<Record<string, string | undefined>>;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole answer; of a stream, for its beginning. Default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A server and who asks it. */
export interface ApiServer {
  readonly url: string;
  readonly token: string | undefined;
}

const defaultTimeoutMs = 10_000;
/** What is said of an answer without a word of ours. */
export const noEphemera = 'What answers there is no Ephemera';
export const noEphemeraHint = 'Is EPHEMERA_URL right? A proxy before the server may answer for it, too.';
export const defaultServerUrl = 'http://127.0.0.1:3001';

/**
 * Asks a running server's HTTP API: EPHEMERA_URL, with the token EPHEMERA_TOKEN. Throws `server.unreachable`, `server.token_refused` or
 * `server.refused`.
 */
export async function askApi<Answer>(environment: Variables, request: ApiRequest): Promise<Answer> {
  const url = serverUrl(environment['EPHEMERA_URL'] || defaultServerUrl);
  const { status, text } = await readAnswer({ url, token: environment['EPHEMERA_TOKEN'] }, request);
  const answer = parse(text);
  if (status >= 200 && status < 300 && answer !== undefined) return answer as Answer;
  const { error, hint } = problemOf(answer);
  const reason = error ?? text.slice(0, 200);
  if (status === 401) throw new TokenRefused({ url, reason });
  throw new ServerRefused({ url, status, reason, hint });
}

/** GET. */
export async function readApi<Answer>(environment: Variables, path: string): Promise<Answer> {
  return askApi<Answer>(environment, { path });
}

/** The whole answer, whatever its status. Throws `server.unreachable`, and the reason of `signal` when that was aborted. */
export async function readAnswer(server: ApiServer, request: ApiRequest): Promise<{ status: number; text: string }> {
  const { timeoutMs = defaultTimeoutMs, signal } = request;
  return reaching(server.url, signal, async () => {
    const response = await send(server, request, [AbortSignal.timeout(timeoutMs)]);
    return { status: response.status, text: await response.text() };
  });
}

/** An answer that goes on: `timeoutMs` is for its head alone, then only `signal` ends it. */
export async function openStream(server: ApiServer, request: ApiRequest): Promise<Response> {
  const { timeoutMs = defaultTimeoutMs, signal } = request;
  const head = new AbortController();
  const timer = setTimeout(() => head.abort(new Error(`there is no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    return await reaching(server.url, signal, () => send(server, request, [head.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  { url, token }: ApiServer,
  { method = 'GET', path, body, headers, signal }: ApiRequest,
  limits: readonly AbortSignal[],
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: {
      ...headers,
      ...(token ? { authorization: `Bearer ${printable(token)}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.any([...limits, ...(signal ? [signal] : [])]),
  });
}

async function reaching<Result>(
  url: string,
  signal: AbortSignal | undefined,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BadInput) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ServerUnreachable({ url, problem: messageOf(cause) }, { cause: error });
  }
}

/** What no header can hold would be refused with a text that repeats it. */
export function printable(token: string): string {
  if (/^[!-~]+$/.test(token)) return token;
  throw new BadInput({
    problem: 'EPHEMERA_TOKEN has characters that no token has.',
    hint: 'It is one word that begins with eph_, as `npx ephemera token create` prints it.',
  });
}

/** Without slashes at its end. Throws `cli.bad_input` for what is no URL, or holds a password. */
export function serverUrl(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text)) {
    throw new BadInput({
      problem: `EPHEMERA_URL is ${text}, which is no URL.`,
      hint: `For example EPHEMERA_URL=${defaultServerUrl}`,
    });
  }
  if (/^https?:\/\/[^/?#]*@/.test(text))
    throw new BadInput({
      problem: 'EPHEMERA_URL has a user name or a password in it.',
      hint: 'Leave it out: the token of EPHEMERA_TOKEN says who asks.',
    });
  return text.replace(/\/+$/, '');
}

/** What an answer says about its refusal, as far as it is text. Pure. */
export function problemOf(answer: unknown): {
  readonly error: string | undefined;
  readonly hint: string | undefined;
  readonly details: string | undefined;
  readonly code: string | undefined;
} {
  const fields = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  const textOf = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
  return { error: textOf('error'), hint: textOf('hint'), details: textOf('details'), code: textOf('code') };
}

/** Undefined for what is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
