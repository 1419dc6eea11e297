import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** A request that may become something else than HTTP. */
export interface Upgrade {
  readonly socket: Duplex;
  /** What came after the request's headers already. */
  readonly head: Buffer;
}

/** A stream to a sandbox opens in a second, or the cluster is asked why not; nobody is kept longer. */
const answerWithinMs = 60_000;

const upgrades = new WeakMap<IncomingMessage, Upgrade & { readonly settled: () => void }>();

/** What Node may take out of HTTP; everything else that asks for an upgrade, such as curl for HTTP/2, is answered as if it did not. Pure. */
export function mayUpgrade({
  method,
  url = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  const [path = ''] = url.split('?');
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /^\/api\/v1\/sandboxes\/[^/]+\/stream\/?$/.test(path)
  );
}

/**
 * Lets such requests go through all hooks and routes as any other: who may ask, which host is meant and what an error looks like is
 * decided in one place. The route takes the socket with `upgradeOf`, or answers as usual.
 */
export function routeUpgrades(app: FastifyInstance): void {
  // Node has let go of these sockets: none of its timeouts holds for them, and no close of the server ends them.
  const unanswered = new Set<Duplex>();
  app.addHook('preClose', async () => {
    for (const socket of unanswered) socket.destroy();
  });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Nobody else listens, and an error without a listener ends the process.
    socket.on('error', () => {});
    const deadline = setTimeout(() => socket.destroy(), answerWithinMs).unref();
    unanswered.add(socket);
    const settled = (): void => {
      clearTimeout(deadline);
      unanswered.delete(socket);
    };
    socket.once('close', settled);
    const response = new ServerResponse(request);
    upgrades.set(request, { socket, head, settled });
    response.assignSocket(socket as never);
    // The connection is no longer the server's: nobody would read another request off it.
    response.shouldKeepAlive = false;
    response.once('finish', () => {
      // Not `end`: whoever keeps the other half open would keep the connection for ever.
      if (upgrades.has(request)) destroySoon(socket);
    });
    app.routing(request, response);
  });
}

/** Undefined: the request asks for no upgrade. It can be taken once; then nothing more is answered by HTTP. */
export function takeUpgrade(request: IncomingMessage, response: ServerResponse): Upgrade | undefined {
  const upgrade = upgrades.get(request);
  if (!upgrade) return undefined;
  upgrades.delete(request);
  upgrade.settled();
  response.detachSocket(upgrade.socket as never);
  return upgrade;
}

export function asksUpgrade(request: IncomingMessage): boolean {
  return upgrades.has(request);
}

/** Once what was written is on its way. */
function destroySoon(socket: Duplex): void {
  socket.end(() => socket.destroy());
}
