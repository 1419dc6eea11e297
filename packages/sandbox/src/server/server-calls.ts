import { messageOf } from '@ephemera/model';
import { refusalOf } from './refusal.ts';
import { ServerStrange, ServerUnreachable } from './server-errors.ts';

export interface ServerAddress {
  /** For example `https://ephemera.example.org`. */
  readonly url: string;
  /** With the scopes `sandboxes:read` and `sandboxes:write`. */
  readonly token: string;
}

export interface ServerCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1/sandboxes`. */
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Calls {
  /** What it answers; undefined where it answers nothing. Throws what it refuses, `sandbox.server_unreachable`, `sandbox.server_strange`. */
  call(options: ServerCall): Promise<unknown>;
  readonly streamUrl: (id: string) => string;
  readonly shownUrl: string;
}

const defaultTimeoutMs = 30_000;
/** A list of thousands is below this, and what is above it is none of ours. */
const mostAnswerBytes = 32 * 1024 * 1024;

export function serverCalls({ url, token }: ServerAddress): Calls {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new TypeError('url has to begin with http:// or https://');
  const base = new URL(`${url.replace(/\/+$/, '')}/api/v1/sandboxes`);
  // Whoever writes credentials into it should not find them in messages.
  const shownUrl = base.origin;

  async function send({ method, path, body, idempotencyKey, ...more }: ServerCall): Promise<Response> {
    const { timeoutMs = defaultTimeoutMs, signal } = more;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await fetch(`${base.href}${path}`, {
        method,
        redirect: 'error',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      signal?.throwIfAborted();
      const problem = timeout.aborted ? `there was no answer within ${timeoutMs / 1000} s` : causeOf(error);
      throw new ServerUnreachable({ url: shownUrl, problem }, { cause: error });
    }
  }

  return {
    shownUrl,
    streamUrl: (id) => `${base.href.replace(/^http/, 'ws')}/${encodeURIComponent(id)}/stream`,
    call: async (options) => {
      const response = await send(options);
      const text = await textOf(response, shownUrl);
      if (response.status === 204) return undefined;
      const answer = jsonOf(text);
      if (response.ok && answer !== undefined) return answer;
      throw refusalOf(answer) ?? new ServerStrange({ url: shownUrl, problem: `it answered ${response.status}` });
    },
  };
}

async function textOf(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) throw new ServerStrange({ url, problem: 'its answer has no end' });
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ServerStrange) throw error;
    throw new ServerUnreachable({ url, problem: causeOf(error) }, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return messageOf(cause ?? error).replace(/\.$/, '');
}
