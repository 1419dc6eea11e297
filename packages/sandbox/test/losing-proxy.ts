import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as forwardByTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ClusterAccess } from '@ephemera/kube';

export interface LosingProxy extends AsyncDisposable {
  readonly access: ClusterAccess;
  /** The requests whose answer was lost, as `METHOD /path`. */
  readonly lost: readonly string[];
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

const tooMany = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'TooManyRequests', code: 429 };

/**
 * Stands between a test and the real API server. Every request is carried out; the answers to those that `loses` picks never arrive:
 * the connection breaks instead. Those that `refuses` picks are not carried out: they are answered as by a server that is busy for 20 seconds.
 */
export async function losingProxy(
  access: ClusterAccess,
  loses: (request: Asked, lostSoFar: number) => boolean,
  refuses: (request: Asked) => boolean = () => false,
): Promise<LosingProxy> {
  const lost: string[] = [];
  const upstream = new URL(access.server);
  const send = upstream.protocol === 'https:' ? forwardByTls : forward;
  const { certificate, key, authorization } = await access.identity();
  const pass = (near: IncomingMessage, answer: ServerResponse): void => {
    const { method = 'GET', url = '/' } = near;
    if (refuses({ method, path: url })) {
      answer.writeHead(429, { 'retry-after': '20', 'content-type': 'application/json' });
      answer.end(JSON.stringify({ ...tooMany, message: 'The server is busy.' }));
      return;
    }
    const far = send(
      {
        host: upstream.hostname,
        port: upstream.port,
        method,
        path: url,
        headers: { ...near.headers, host: upstream.host, ...(authorization !== undefined && { authorization }) },
        ca: access.certificateAuthority,
        cert: certificate,
        key,
        servername: access.tlsServerName,
      },
      (said) => {
        if (loses({ method, path: url }, lost.length)) {
          lost.push(`${method} ${url}`);
          said.resume();
          // Only now: the API server has done it.
          said.once('end', () => near.socket.resetAndDestroy());
          return;
        }
        answer.writeHead(said.statusCode ?? 502, said.headers);
        said.pipe(answer);
        said.on('error', () => answer.destroy());
      },
    );
    far.on('error', () => answer.destroy());
    answer.on('close', () => far.destroy());
    near.pipe(far);
  };
  const server = createServer(pass);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    access: {
      name: 'through a proxy that loses answers',
      source: 'a test',
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      skipTlsVerify: false,
      identity: async () => ({}),
    },
    lost,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
