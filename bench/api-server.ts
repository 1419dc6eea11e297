import { Agent, request } from 'node:https';
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import type { ClusterAccess } from '@ephemera/kube';

/** The API server with nothing in between: what a client costs that reads nothing first, retries nothing and remembers nothing. */
export interface ApiServer extends Disposable {
  call<Answer>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer>;
  /** The lines of one watch, each an object, until the server or `signal` ends it. */
  watch<Line>(path: string, signal: AbortSignal): AsyncGenerator<Line, void, undefined>;
}

const timeoutMs = 60_000;

/** `connections`: how many at most, kept alive. */
export async function openApiServer(access: ClusterAccess, connections: number): Promise<ApiServer> {
  const { certificate, key, authorization } = await access.identity();
  const secure = access.server.startsWith('https:');
  const options = { keepAlive: true, maxSockets: connections };
  const agent = secure
    ? new Agent({
        ...options,
        ca: access.certificateAuthority,
        cert: certificate,
        key,
        servername: access.tlsServerName,
        rejectUnauthorized: !access.skipTlsVerify,
      })
    : new PlainAgent(options);

  const send = ({ method, path, body, signal }: Sending): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        ...(text === undefined
          ? {}
          : {
              'content-type': method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json',
              'content-length': Buffer.byteLength(text),
            }),
      };
      const outgoing = (secure ? request : plainRequest)(
        new URL(access.server + path),
        { method, agent, timeout: timeoutMs, headers, ...(signal === undefined ? {} : { signal }) },
        resolve,
      );
      outgoing.once('error', reject);
      outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: silent for ${timeoutMs} ms`)));
      outgoing.end(text);
    });

  async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await send({ method, path, body });
    // Not all of its refusals are JSON.
    const value = await text(answer);
    if ((answer.statusCode ?? 0) < 300) return JSON.parse(value) as Answer;
    throw new Error(`${method} ${path}: ${answer.statusCode} ${value.slice(0, 300)}`);
  }

  async function* watch<Line>(path: string, signal: AbortSignal): AsyncGenerator<Line, void, undefined> {
    const answer = await send({ method: 'GET', path, signal });
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode}`);
    try {
      for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as Line;
    } finally {
      answer.destroy();
    }
  }

  return { call, watch, [Symbol.dispose]: () => agent.destroy() };
}

interface Sending {
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
  readonly signal?: AbortSignal;
}
