import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { EphemeraError, messageOf, orAborted } from '@ephemera/model';
import { WebSocket } from 'ws';
import type { Connection } from '../connection.ts';
import { DeadlineExceeded, Invalid, Throttled, Unreachable } from '../errors.ts';
import { failure } from '../request.ts';
import { subprotocol } from './channels.ts';
import { handshakeRefusal } from './refusal.ts';

export interface Handshake {
  readonly path: string;
  /** The beginning of a sentence, as of every call. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface OpenedSocket {
  readonly socket: WebSocket;
  /** The socket below: `ws` keeps it to itself. */
  readonly raw: Socket;
}

/** A message is kept whole until it is read. The cluster sends what one read of the container's pipe gave: 32 KiB. */
const longestMessage = 16 * 1024 * 1024;
/** What a refusal is read to. */
const longestAnswer = 64 * 1024;

/**
 * Opens a WebSocket to the API server, with the certificates, the token and the proxy of all other calls. It comes paused: whoever takes it
 * listens first and resumes it then.
 * Throws what other calls throw, `kube.container_not_ready`, and what `signal` was aborted with.
 *
 * Every byte that a client sends has to be masked. `ws` does so in native code where it finds `bufferutil`, an optional dependency of this
 * package, and elsewhere in JavaScript, which is then half of what an upload costs this process.
 */
export async function openWebSocket(connection: Connection, handshake: Handshake): Promise<OpenedSocket> {
  const { what, timeoutMs, signal } = handshake;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DeadlineExceeded({ what, timeoutMs })), timeoutMs);
  const either = AbortSignal.any([signal, late.signal]);
  try {
    return await attempt(connection, handshake, either);
  } catch (thrown) {
    either.throwIfAborted();
    if (thrown instanceof EphemeraError) throw thrown;
    throw new Unreachable({ server: connection.server, problem: messageOf(thrown) }, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

async function attempt(connection: Connection, handshake: Handshake, signal: AbortSignal): Promise<OpenedSocket> {
  signal.throwIfAborted();
  const latest = performance.now() + handshake.timeoutMs;
  const tooLongMs = await connection.gates.bulk.enter({ latest, signal });
  if (tooLongMs !== undefined) throw new Throttled({ what: handshake.what, retryAfterMs: tooLongMs });
  // A credential plugin cannot be interrupted.
  const { openSocket, authorization } = await orAborted(connection.door(), signal);
  const raw = await openSocket(signal);
  // An abort between the socket's last event and here had nobody left to hear it.
  if (signal.aborted) raw.destroy();
  signal.throwIfAborted();
  const socket = new WebSocket(connection.server.replace(/^http/, 'ws') + handshake.path, subprotocol, {
    createConnection: () => raw,
    headers: { 'user-agent': 'ephemera', ...(authorization === undefined ? {} : { authorization }) },
    perMessageDeflate: false,
    maxPayload: longestMessage,
    skipUTF8Validation: true,
  });
  const onAbort = () => socket.terminate();
  signal.addEventListener('abort', onAbort, { once: true });
  // It would be thrown into the void otherwise; where it matters, others listen too.
  socket.on('error', () => {});
  try {
    return { socket: await opened(connection, handshake.what, socket), raw };
  } catch (thrown) {
    socket.terminate();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function opened(connection: Connection, what: string, socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.pause();
      resolve(socket);
    });
    socket.once('error', (error) => reject(speaksAnother(what, error) ?? error));
    socket.once('unexpected-response', (_request, response) => {
      textOf(response).then((text) => {
        const { statusCode = 0, headers } = response;
        const { error } = failure(connection, { what }, { statusCode, headers }, text);
        reject(handshakeRefusal(what, error));
      }, reject);
    });
  });
}

/** `ws` tells it by its sentence only. */
function speaksAnother(what: string, error: Error): EphemeraError | undefined {
  if (!/^Server sent (no|an invalid) subprotocol$/.test(error.message)) return undefined;
  const reason = `the cluster does not speak ${subprotocol}, which Kubernetes does from 1.30 on`;
  return new Invalid({ what, reason }, { cause: error });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= longestAnswer) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, longestAnswer);
}
