import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectCluster, instanceOwner, type Cluster } from '@ephemera/kube';

/** How one connection ends after its lines: in order, broken off, broken off in the middle of the next line, or not at all. */
export interface Connection {
  /** How many lines it brings. Default: all that are there. */
  readonly lines?: number;
  readonly end: 'closes' | 'breaks' | 'breaks in a line' | 'closes in a line' | 'stays open';
}

/** Instead of a log: what the API server says when it has none. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** It answers no sooner than this. */
  readonly after?: Promise<void>;
}

/** Instead of a log: what a node writes in its place, which has no stamp. */
export interface Notice {
  readonly notice: string;
}

export interface LogServer extends AsyncDisposable {
  readonly cluster: Cluster;
  /** The queries of all connections so far. */
  readonly asked: readonly Readonly<Record<string, string>>[];
  sockets(): Promise<number>;
}

export interface Log {
  /** With their stamps, which rise. */
  readonly current: readonly string[];
  readonly previous?: readonly string[];
}

/**
 * A real HTTP server that has the log of one container and misbehaves as it is told: each connection gets the next plan, and the last
 * one stays. As the API server does, it sends what was written from the second that is asked for on.
 */
export async function logServer(log: Log, ...plans: readonly (Connection | Refusal | Notice)[]): Promise<LogServer> {
  const asked: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://server').searchParams);
    asked.push(query);
    const plan = plans[Math.min(asked.length, plans.length) - 1];
    if (!plan) return;
    if ('status' in plan) return void refuse(response, plan);
    if ('notice' in plan) return void response.end(plan.notice);
    const lines = query['previous'] === 'true' ? (log.previous ?? []) : log.current;
    const since = query['sinceTime'] === undefined ? 0 : Date.parse(query['sinceTime']);
    send(
      response,
      lines.filter((line) => Date.parse(line.split(' ', 1)[0] ?? '') >= since),
      // Only a log that is followed can stay open.
      plan.end === 'stays open' && query['follow'] !== 'true' ? { end: 'closes' } : plan,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { name: 'test', source: 'a test', server: url, skipTlsVerify: false, identity: async () => ({}) };
  const cluster = await connectCluster(access, instanceOwner('test'));
  return {
    cluster,
    asked,
    sockets: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function refuse(response: ServerResponse, { status, reason, after }: Refusal): Promise<void> {
  await after;
  const details = { kind: 'pods', name: 'p' };
  response.writeHead(status, { 'content-type': 'application/json', 'audit-id': 'one' });
  response.end(JSON.stringify({ kind: 'Status', code: status, reason, message: `${reason}, says the test`, details }));
}

function send(response: ServerResponse, lines: readonly string[], { lines: count = Infinity, end }: Connection): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  for (const line of lines.slice(0, count)) response.write(`${line}\n`);
  if (end.endsWith('in a line')) response.write((lines[count] ?? '').slice(0, -1));
  if (end.startsWith('closes')) response.end();
  // After the chunks have left, so that the reader sees them.
  if (end.startsWith('breaks')) response.write('', () => response.destroy());
}
