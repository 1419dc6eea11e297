import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Client, type buildConnector } from 'undici';
import type { ClusterAccess } from './kubeconfig.ts';

/** Opens one socket to the API server, through its proxy if it has one, over TLS where its address says so. */
export type OpenSocket = (signal: AbortSignal) => Promise<Socket>;

type Connector = ReturnType<typeof buildConnector>;

/**
 * For what is no HTTP call. `connect` is what the HTTP calls are made with, and knows the certificates.
 *
 * undici keeps the sockets of its proxies to itself, so the tunnel is asked for here: by CONNECT, as it does.
 */
export function socketTo(access: ClusterAccess, connect: Connector): OpenSocket {
  const { protocol, hostname, port: givenPort, host } = new URL(access.server);
  const port = givenPort || (protocol === 'https:' ? '443' : '80');
  const address = hostname.replace(/^\[|\]$/g, '');
  return async (signal) => {
    signal.throwIfAborted();
    const plain =
      access.proxyUrl === undefined
        ? await openTcp(address, port, signal)
        : await openTunnel(access.proxyUrl, `${hostname}:${port}`, signal);
    if (protocol !== 'https:') return plain;
    return secured(connect, { protocol, hostname: address, host, port, httpSocket: plain }, signal);
  };
}

async function openTcp(host: string, port: string, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host, port: Number(port), noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (thrown) {
    socket.on('error', () => {}).destroy();
    throw thrown;
  }
}

type Secured = buildConnector.Options & { readonly httpSocket: Socket };

/** TLS over a socket that is open: one that `connect` opens itself could not be given up before its own deadline. */
function secured(connect: Connector, target: Secured, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Without a word to `connect`: it hears of a socket that fails, but not of one that was given up.
    const onAbort = () => {
      target.httpSocket.destroy();
      reject(signal.reason as Error);
    };
    // The socket below has opened, and the signal may have aborted since.
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    connect(target, (error, socket) => {
      signal.removeEventListener('abort', onAbort);
      if (!error) return resolve(socket);
      target.httpSocket.destroy();
      reject(error);
    });
  });
}

/** The tunnel ends with `signal`, too, while it is asked for. */
async function openTunnel(proxyUrl: string, target: string, signal: AbortSignal): Promise<Socket> {
  const { protocol, origin, username, password } = new URL(proxyUrl);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error(`a stream into a container cannot go through a proxy of the kind ${protocol.slice(0, -1)}`);
  }
  const account = [username, password].map(decodeURIComponent).join(':');
  const proxy = new Client(origin);
  try {
    const { statusCode, socket } = await proxy.connect({
      path: target,
      signal,
      headers: {
        host: target,
        ...(username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(account).toString('base64')}` }),
      },
    });
    if (statusCode === 200) return socket as Socket;
    socket.on('error', () => {}).destroy();
    throw new Error(`the proxy answered ${statusCode}`);
  } finally {
    // The socket has left it and goes on.
    void proxy.destroy();
  }
}
