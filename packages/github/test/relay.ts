import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Sent as it is, in the place of `body`. */
  readonly raw?: string;
}

/** Stands between the client and the fake GitHub: notes every call, and can answer in its place or change what it said. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path`, in the order of arrival. */
  readonly calls: string[];
  /** The status of every answer that the fake gave, in the same order. */
  readonly statuses: number[];
  instead: (call: Call) => Answer | undefined;
  change: (call: Call, body: unknown) => unknown;
}

/** What belongs to one connection, or to a body that is written anew. */
const ownHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
]);

export async function startRelay(target: string): Promise<Relay> {
  const server = createServer((request, response) => {
    void answer(request)
      .then(({ status, headers, body, raw }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(raw ?? (status === 304 || status === 204 ? undefined : JSON.stringify(body)));
      })
      .catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage): Promise<Answer> {
    const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    relay.calls.push(`${call.method} ${call.path}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const instead = relay.instead(call);
    if (instead) return instead;
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const passed = await fetch(`${target}${call.path}`, {
      method: call.method,
      headers: headers as Record<string, string>,
      // The client under test has to follow by itself.
      redirect: 'manual',
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    relay.statuses.push(passed.status);
    const text = await passed.text();
    return {
      status: passed.status,
      headers: Object.fromEntries(
        [...passed.headers]
          .filter(([name]) => !ownHeaders.has(name))
          .map(([name, value]) => [name, value.replaceAll(target, relay.url)]),
      ),
      body: relay.change(call, text === '' ? null : JSON.parse(text)),
    };
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    statuses: [],
    instead: () => undefined,
    change: (_call, body) => body,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return relay;
}
