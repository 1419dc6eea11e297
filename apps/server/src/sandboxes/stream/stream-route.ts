import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { createSlots } from '../../callers/limits.ts';
import { operation } from '../../routes/operation.ts';
import { needs } from '../../tokens/access.ts';
import { callerOfRequest } from '../../tokens/authorize.ts';
import { Stopping, UpgradeRequired } from '../errors.ts';
import { noteEnd, rowFor, demandReady } from '../reach.ts';
import type { SandboxRouting } from '../routing.ts';
import { slotFor } from '../slot.ts';
import { watchToken } from '../token-watch.ts';
import { tunnel } from './tunnel.ts';
import { asksUpgrade, takeUpgrade } from './upgrades.ts';

/** Each holds a connection to the cluster. */
const atOnce = { perKey: 100, inAll: 500 };
/** Below the 30 seconds after which the server ends a connection without an answer. */
const openMs = 25_000;
/** A frame of the runner's protocol has 4 MiB and a little. */
const mostMessageBytes = 5 * 1024 * 1024;
const protocol = 'ephemera.sandbox.v1';
const byId = z.object({ id: z.string() });

/** The runner of a sandbox, for clients that speak its protocol: all that the client library can do, without rights in the cluster. */
export function streamRoute(plugin: FastifyInstance, { deps, opened, take, url, stop }: SandboxRouting): void {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  const slots = createSlots(atOnce);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: mostMessageBytes,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  const tunnels = new Set<Promise<void>>();
  // A server's close does not wait for what is no longer HTTP; they end by `stop`.
  app.addHook('preClose', async () => void (await Promise.all(tunnels)));

  app.get(
    `${url}/:id/stream`,
    {
      ...operation({
        id: 'streamSandbox',
        tag: 'sandboxes',
        summary: 'The runner of a sandbox, over WebSocket',
        description: `Subprotocol \`${protocol}\`: binary messages carry the runner’s protocol as a stream of bytes, wherever they are cut. For the client library. Close codes: 1000 the runner ended the stream, 1012 the server stops, 4000 the stream broke, 4001 the token is no longer good.`,
        access: needs('sandboxes:write'),
        params: byId,
        answers: { 101: { means: 'It is open.', holds: z.string(), type: 'application/octet-stream' } },
        refusals: {
          404: 'The token has no sandbox of this id.',
          410: 'The sandbox has ended.',
          426: 'It was not asked for by WebSocket.',
          429: 'Too often, or too many at once.',
        },
      }),
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { raw } = request;
      if (!asksUpgrade(raw)) {
        void reply.header('upgrade', 'websocket').header('connection', 'upgrade');
        throw new UpgradeRequired({});
      }
      const { id } = request.params;
      const row = await rowFor(deps, caller, id);
      demandReady(row);
      const slot = slotFor(slots, caller.account, 'Too many streams are open');
      const run = async (): Promise<void> => {
        using _slot = slot;
        using open = await opened.use(row);
        const gone = new AbortController();
        raw.socket.once('close', () => gone.abort());
        const opening = AbortSignal.any([gone.signal, stop, AbortSignal.timeout(openMs)]);
        const stream = await open.place.open(opening).catch(async (error: unknown) => {
          // Why it cannot be reached is what the cluster says of it, where it says anything.
          throw (await open.place.verdict(opening).catch(() => undefined)) ?? error;
        });
        const upgrade = stop.aborted || gone.signal.aborted ? undefined : takeUpgrade(raw, reply.raw);
        if (!upgrade) {
          stream.close();
          throw new Stopping({});
        }
        reply.hijack();
        const socket = await new Promise<WebSocket | undefined>((resolve) => {
          upgrade.socket.once('close', () => resolve(undefined));
          sockets.handleUpgrade(raw, upgrade.socket, upgrade.head, resolve);
        });
        if (!socket) return stream.close();
        request.log.info({ sandbox: id, caller: caller.name }, 'opened a stream');
        using _open = deps.metrics.sandboxStreams();
        using token = watchToken(deps, { authorization: request.headers.authorization, scope: 'sandboxes:write' });
        await tunnel({ socket, stream, stop, over: token.over });
      };
      const running = run();
      const settled = running.catch(() => {}).finally(() => tunnels.delete(settled));
      tunnels.add(settled);
      try {
        await running;
      } catch (error) {
        await noteEnd({ deps, opened, id }, error);
        if (!stop.aborted) throw error;
        throw new Stopping({}, { cause: error });
      }
      return reply;
    },
  );
}
