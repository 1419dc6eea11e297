import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openConnection, type Connection } from '../src/connection.ts';
import type { ClusterAccess } from '../src/kubeconfig.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When it arrived, on the clock of `performance.now()`. */
  readonly at: number;
}

export type Answer = (response: ServerResponse, asked: Asked) => void;

export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly connection: Connection;
  /** Sockets that are open now. */
  sockets(): Promise<number>;
}

/** A real HTTP server on loopback that misbehaves on demand: the first request gets the first answer, and the last answer stays. */
export async function apiServer(...answers: readonly Answer[]): Promise<ApiServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const at = performance.now();
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://server');
      const query = Object.fromEntries(url.searchParams);
      const { method = '', headers } = request;
      const one: Asked = { method, path: url.pathname, query, headers, body, at };
      asked.push(one);
      answers[Math.min(asked.length, answers.length) - 1]?.(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = await openConnection(accessTo(url));
  return {
    url,
    asked,
    connection,
    sockets: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function accessTo(server: string): ClusterAccess {
  return { name: 'test', source: 'a test', server, skipTlsVerify: false, identity: async () => ({}) };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return text(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => response.writeHead(status, headers).end(body);
}

/** What the API server says when it refuses. */
export function refusal(code: number, reason: string, message = `${reason}, says the test`): Answer {
  // It names the object that it speaks of.
  const details = { kind: 'pods', name: 'web' };
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details });
}

/** The request arrives, the answer never leaves. */
export const drop: Answer = (response) => response.destroy();

export const silent: Answer = () => {};

/** A line-wise stream: all chunks at once, then what `end` says. */
export function stream(chunks: readonly (string | Uint8Array)[], end: 'closes' | 'breaks' | 'stays open'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const chunk of chunks) response.write(chunk);
    if (end === 'closes') response.end();
    // After the chunks have left, so that the reader sees them.
    if (end === 'breaks') response.write('', () => response.destroy());
  };
}

export async function caught(work: () => Promise<unknown>): Promise<unknown> {
  return work().then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error,
  );
}
