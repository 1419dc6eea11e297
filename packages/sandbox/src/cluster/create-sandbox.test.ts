import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectCluster } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { Sandbox } from '../sandbox.ts';
import { clusterHost } from './cluster-host.ts';

/** An API server that takes every request and answers none. */
async function silent() {
  const asked: string[] = [];
  const server = createServer(({ method = '' }) => void asked.push(method));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cluster = await connectCluster({
    name: 'silent',
    source: 'a test',
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    skipTlsVerify: false,
    identity: async () => ({}),
  });
  return {
    asked,
    on: clusterHost({ cluster }),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';

test('a start takes no longer than it may where the API server does not answer, and asks for no Job', async () => {
  await using server = await silent();
  await expect(Sandbox.create({ on: server.on, arch, startTimeoutMs: 1_000 })).rejects.toMatchObject({
    code: 'sandbox.start_timeout',
  });
  expect(server.asked).not.toContain('POST');
});

test('a start can be given up where the API server does not answer', async () => {
  await using server = await silent();
  const scope = new AbortController();
  const reason = new Error('changed my mind');
  const outcome = Sandbox.create({ on: server.on, arch, signal: scope.signal });
  scope.abort(reason);
  await expect(outcome).rejects.toBe(reason);
});
