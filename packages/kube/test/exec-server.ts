import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { openConnection, type Connection, type ConnectionOptions } from '../src/connection.ts';
import { exec } from '../src/exec.ts';
import type { ExecOptions, ExecStream } from '../src/exec/exec-stream.ts';
import type { ClusterAccess } from '../src/kubeconfig.ts';
import { accessTo } from './api-server.ts';

/** The other end of one exec stream. */
export interface Peer {
  readonly socket: WebSocket;
  /** The TCP socket below it. */
  readonly raw: Socket;
  readonly request: IncomingMessage;
  say(channel: number, bytes: Uint8Array | string): void;
  status(status: unknown): void;
}

export interface ExecServer extends AsyncDisposable {
  readonly url: string;
  readonly connection: Connection;
  exec(options?: Partial<ExecOptions>): Promise<ExecStream>;
  /** Sockets that are open now. */
  sockets(): number;
}

export interface ExecServerOptions {
  readonly onPeer?: (peer: Peer) => void;
  /** Answers instead of the WebSocket server. */
  readonly onRequest?: RequestListener;
  /** What is chosen of the protocols that the client offers. Default v5. */
  readonly protocol?: string | false;
  readonly autoPong?: boolean;
  readonly connection?: ConnectionOptions;
  readonly access?: Partial<ClusterAccess>;
}

export const success = { metadata: {}, status: 'Success' };

/** As the API server says it. */
export function exitStatus(code: number | string): object {
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** As the API server says that it could not reach the program. */
export function failedStatus(message: string): object {
  const reason = 'InternalError';
  return { metadata: {}, status: 'Failure', message, reason, details: { causes: [{ message }] }, code: 500 };
}

export const target = { namespace: 'home', pod: 'web', container: 'main', command: ['true'] } as const;

/** A real WebSocket server on loopback that misbehaves on demand. */
export async function execServer(options: ExecServerOptions = {}): Promise<ExecServer> {
  const http = createServer(options.onRequest ?? ((_request, response) => response.writeHead(500).end()));
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  // Node takes an upgrade for an ordinary request where nobody listens for them.
  if (options.onRequest === undefined) serveExec(http, options);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const connection = await openConnection({ ...accessTo(url), ...options.access }, options.connection);
  return {
    url,
    connection,
    exec: (given = {}) => exec(connection, { ...target, ...given }),
    sockets: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      for (const socket of sockets) socket.destroy();
      http.close();
      await once(http, 'close');
    },
  };
}

export function serveExec(
  server: Server,
  { onPeer = () => {}, protocol = 'v5.channel.k8s.io', autoPong = true }: ExecServerOptions,
): void {
  const webSockets = new WebSocketServer({ server, autoPong, handleProtocols: () => protocol });
  webSockets.on('connection', (socket, request) => {
    socket.on('error', () => {});
    const say = (channel: number, bytes: Uint8Array | string) =>
      socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(bytes as string)]));
    onPeer({ socket, raw: request.socket, request, say, status: (status) => say(3, JSON.stringify(status)) });
  });
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
