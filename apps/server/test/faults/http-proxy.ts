import { once } from 'node:events';
import { Agent as PlainAgent, createServer, request as plainRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest, type AgentOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { httpRules, type HttpCall, type HttpFate, type HttpRule } from './http-rules.ts';
import { throttledLines, type LineLimit } from './line-limit.ts';
import type { ActiveRule, Decision } from './occurrences.ts';

/** A reverse proxy in front of a real server, with which a test decides what becomes of each request. */
export interface HttpProxy extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Puts a rule into force, after those that are there. */
  rule(rule: HttpRule): ActiveRule<HttpCall>;
  /** Takes all rules back. What is held stays held. */
  clear(): void;
  /** Lets go on what is held. */
  release(): void;
  /** Ends the connections of all answers that are being streamed (watches): a network that breaks. */
  cutStreams(): void;
  /** No stream that is open now says anything any more; its connection stays open. */
  freezeStreams(): void;
  /** Every connection is reset and new ones are refused: a server that is down. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  /** Every request that arrived, in order, whatever became of it. */
  readonly calls: readonly HttpCall[];
}

export interface Upstream {
  readonly url: string | URL;
  /** Set on each request, for example `authorization`; the caller's own `host` and `authorization` then do not count. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates and the like, for https. */
  readonly tls?: AgentOptions;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly decision: Decision<HttpFate>;
}

export async function startHttpProxy(upstream: Upstream): Promise<HttpProxy> {
  const rules = httpRules();
  const calls: HttpCall[] = [];
  const held = new Set<() => void>();
  const streams = new Set<{ cut: () => void; freeze: () => void }>();
  const sockets = new Set<Socket>();
  const origin = new URL(upstream.url);
  const tls = origin.protocol === 'https:';
  const agent = tls ? new TlsAgent({ keepAlive: true, ...upstream.tls }) : new PlainAgent({ keepAlive: true });

  function forward({ incoming, outgoing, decision }: Exchange, limit?: LineLimit): void {
    const target = new URL(incoming.url ?? '/', upstream.url);
    const { host: _host, ...headers } = incoming.headers;
    const options = { method: incoming.method, agent, headers: { ...headers, ...upstream.headers } };
    const sent = (tls ? tlsRequest : plainRequest)(target, options, (response) => {
      decision.answered();
      const { fate } = decision;
      if (fate === 'forward-and-reset') incoming.socket.resetAndDestroy();
      if (fate === 'forward-and-reset' || fate === 'forward-and-drop') return void response.resume();
      outgoing.writeHead(response.statusCode ?? 502, throughHere(response.headers, origin.origin, url));
      outgoing.flushHeaders();
      const through = throttledLines(limit, () => incoming.socket.resetAndDestroy());
      response.pipe(through).pipe(outgoing);
      const stream = {
        cut: () => incoming.socket.resetAndDestroy(),
        freeze: () => response.unpipe(through),
      };
      if (isStream(incoming.url)) streams.add(stream);
      outgoing.once('close', () => {
        streams.delete(stream);
        response.destroy();
      });
    });
    sent.once('error', () => incoming.socket.destroy());
    // A caller that gives up gives up the call behind it, unless its answer is to be lost and nothing else.
    outgoing.once('close', () => {
      if (decision.fate !== 'forward-and-drop' && !outgoing.writableFinished) sent.destroy();
    });
    incoming.pipe(sent);
  }

  function serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const call = { method: incoming.method ?? '', path: incoming.url ?? '' };
    calls.push(call);
    const decision = rules.decide(call);
    apply({ incoming, outgoing, decision });
    decision.reached();
  }

  function apply(exchange: Exchange): void {
    const { incoming, outgoing, decision } = exchange;
    const { fate } = decision;
    if (fate === 'reset') incoming.socket.resetAndDestroy();
    else if (fate === 'hold') held.add(() => forward(exchange));
    else if (typeof fate === 'string') forward(exchange);
    else if ('delayMs' in fate) setTimeout(forward, fate.delayMs, exchange);
    else if ('status' in fate) {
      incoming.resume();
      const text = typeof fate.body === 'string' ? fate.body : JSON.stringify(fate.body ?? {});
      outgoing.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers }).end(text);
    } else forward(exchange, fate);
  }

  const server = createServer(serve);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const down = async (): Promise<void> => {
    held.clear();
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    url,
    calls,
    rule: (rule) => rules.add(rule),
    clear: () => rules.clear(),
    release: () => {
      for (const go of held) go();
      held.clear();
    },
    cutStreams: () => {
      for (const { cut } of streams) cut();
    },
    freezeStreams: () => {
      for (const { freeze } of streams) freeze();
    },
    down,
    up: async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    [Symbol.asyncDispose]: async () => {
      await down();
      agent.destroy();
    },
  };
}

/** Where an answer says to go on (next pages), it has to be through the proxy as well. */
function throughHere(headers: IncomingHttpHeaders, origin: string, url: string): IncomingHttpHeaders {
  const { link, location } = headers;
  return {
    ...headers,
    ...(typeof link === 'string' ? { link: link.replaceAll(origin, url) } : {}),
    ...(location === undefined ? {} : { location: location.replaceAll(origin, url) }),
  };
}

function isStream(path = ''): boolean {
  return /[?&](watch|follow)=(true|1)(&|$)/.test(path);
}
