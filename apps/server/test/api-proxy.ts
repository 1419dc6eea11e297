import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as forwardPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as forwardTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAccess } from '@ephemera/kube';

/** What happens to one request: `hold` keeps it from the API server, `forward-and-drop` lets it through and swallows the answer. */
export type Fate = 'forward' | 'hold' | 'forward-and-drop';

export interface ApiProxy extends AsyncDisposable {
  /** A kubeconfig that goes through the proxy. */
  readonly kubeconfigPath: string;
  /** Decides about every request from now on; all are forwarded until it is set. */
  decide: (request: { method: string; path: string }) => Fate;
}

/** A reverse proxy in front of the real API server, with which a test stops the world at one exact call. */
export async function startApiProxy(): Promise<ApiProxy> {
  const access = findAccess({
    kubeconfigPath: process.env.EPHEMERA_TEST_KUBECONFIG,
    context: process.env.EPHEMERA_TEST_CONTEXT,
  });
  const identity = await access.identity();
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-proxy-'));
  const held = new Set<ServerResponse>();

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, answer: 'pass' | 'drop'): void {
    const target = new URL(incoming.url ?? '/', access.server);
    const { authorization: _ours, host: _host, ...headers } = incoming.headers;
    const send = target.protocol === 'https:' ? forwardTls : forwardPlain;
    const upstream = send(
      target,
      {
        method: incoming.method,
        headers: {
          ...headers,
          ...(identity.authorization === undefined ? {} : { authorization: identity.authorization }),
        },
        ca: access.certificateAuthority,
        cert: identity.certificate,
        key: identity.key,
        rejectUnauthorized: !access.skipTlsVerify,
      },
      (response) => {
        if (answer === 'drop') {
          response.resume();
          held.add(outgoing);
          return;
        }
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
        outgoing.once('close', () => response.destroy());
      },
    );
    upstream.once('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  }

  const proxy: ApiProxy = {
    kubeconfigPath: join(folder, 'kubeconfig'),
    decide: () => 'forward',
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const server = createServer((incoming, outgoing) => {
    const fate = proxy.decide({ method: incoming.method ?? '', path: incoming.url ?? '' });
    if (fate === 'hold') held.add(outgoing);
    else forward(incoming, outgoing, fate === 'forward' ? 'pass' : 'drop');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(proxy.kubeconfigPath, JSON.stringify(kubeconfig(`http://127.0.0.1:${port}`)), { mode: 0o600 });
  return proxy;
}

function kubeconfig(server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'proxy',
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }],
    clusters: [{ name: 'proxy', cluster: { server } }],
    users: [{ name: 'proxy', user: {} }],
  };
}
