import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createProxy, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { accessTo, caught } from '../test/api-server.ts';
import { serveExec, success, target } from '../test/exec-server.ts';
import { strangersCertificate } from '../test/stranger.ts';
import { openConnection } from './connection.ts';
import { exec } from './exec.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { call } from './request.ts';

interface Shown {
  readonly fingerprint: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** An API server over TLS that notes what its clients show: to calls and to streams alike. */
async function secureServer() {
  const own = strangersCertificate();
  const seen: Shown[] = [];
  const note = (socket: Socket, headers: IncomingHttpHeaders) => {
    seen.push({ fingerprint: (socket as TLSSocket).getPeerCertificate().fingerprint256, headers });
  };
  const tls = { cert: own.certificate, key: own.key, requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, ({ socket, headers }, response) => {
    note(socket, headers);
    response.end('{}');
  });
  serveExec(server, {
    onPeer: ({ raw, request, status }) => {
      note(raw, request.headers);
      status(success);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    certificate: own.certificate,
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A proxy that lets through who has the password. */
async function proxyServer() {
  const asked: { readonly to: string | undefined; readonly as: string | undefined }[] = [];
  const tunnels = new Set<Socket>();
  const server = createProxy((_request, response) => response.writeHead(400).end());
  server.on('connect', (request, socket: Socket) => {
    const { 'proxy-authorization': as } = request.headers;
    asked.push({ to: request.url, as });
    tunnels.add(socket);
    socket.on('error', () => {}).on('close', () => tunnels.delete(socket));
    if (as !== `Basic ${Buffer.from('who:p@ss').toString('base64')}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => {}).on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    tunnels: () => tunnels.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of tunnels) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One call and one stream by the same access. */
async function both(access: ClusterAccess, timeoutMs = 10_000): Promise<readonly unknown[]> {
  const connection = await openConnection(access);
  const version = { method: 'GET', path: '/version', what: 'Reading the version', timeoutMs } as const;
  try {
    const answer = await call(connection, version).catch((error: unknown) => error);
    const end = await exec(connection, target).then(
      (stream) => stream.ended,
      (error: unknown) => error,
    );
    return [answer, end];
  } finally {
    await connection.close();
  }
}

const fine = [{}, { kind: 'exited', exitCode: 0 }];
const unreachable = { code: 'kube.unreachable' };

test('a stream shows the token and the client certificate of the calls, and is sent to the name that the access says', async () => {
  await using api = await secureServer();
  const client = strangersCertificate();
  const access: ClusterAccess = {
    ...accessTo(`https://127.0.0.1:${api.port}`),
    certificateAuthority: Buffer.from(api.certificate),
    tlsServerName: 'stranger',
    identity: async () => ({ ...client, authorization: 'Bearer secret' }),
  };
  expect(await both(access)).toEqual(fine);
  const fingerprint = new X509Certificate(client.certificate).fingerprint256;
  expect(api.seen.map((shown) => shown.fingerprint)).toEqual([fingerprint, fingerprint]);
  expect(api.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret']);
});

test('a certificate that nobody vouches for, or that has another name, is refused to streams as to calls', async () => {
  await using api = await secureServer();
  const access = accessTo(`https://127.0.0.1:${api.port}`);
  const named = { certificateAuthority: Buffer.from(api.certificate), tlsServerName: 'somebody' };
  expect(await both(access, 500)).toMatchObject([unreachable, unreachable]);
  expect(await both({ ...access, ...named }, 500)).toMatchObject([unreachable, unreachable]);
  expect(api.seen).toEqual([]);
  expect(await both({ ...access, skipTlsVerify: true })).toEqual(fine);
});

test('a certificate that was renewed is shown by the next stream, and streams that are open go on', async () => {
  await using api = await secureServer();
  const [old, renewed] = [strangersCertificate(), strangersCertificate()];
  let shows = old;
  const access = { ...accessTo(`https://127.0.0.1:${api.port}`), skipTlsVerify: true, identity: async () => shows };
  const connection = await openConnection(access);
  await (
    await exec(connection, target)
  ).ended;
  shows = renewed;
  await (
    await exec(connection, target)
  ).ended;
  const prints = [old, renewed].map(({ certificate }) => new X509Certificate(certificate).fingerprint256);
  expect(api.seen.map((shown) => shown.fingerprint)).toEqual(prints);
  await connection.close();
});

test('a stream goes through the proxy of the calls, with its account, and TLS is end to end', async () => {
  await using api = await secureServer();
  await using proxy = await proxyServer();
  const access: ClusterAccess = {
    ...accessTo(`https://127.0.0.1:${api.port}`),
    certificateAuthority: Buffer.from(api.certificate),
    tlsServerName: 'stranger',
    proxyUrl: `http://who:p%40ss@127.0.0.1:${proxy.port}`,
  };
  expect(await both(access)).toEqual(fine);
  expect(new Set(proxy.asked.map(({ to }) => to))).toEqual(new Set([`127.0.0.1:${api.port}`]));
  expect(proxy.asked).toHaveLength(2);
  await expect.poll(proxy.tunnels).toBe(0);
});

test('a stream that has ended, or was closed, leaves no tunnel', async () => {
  await using api = await secureServer();
  await using proxy = await proxyServer();
  const server = `https://127.0.0.1:${api.port}`;
  const proxyUrl = `http://who:p%40ss@127.0.0.1:${proxy.port}`;
  const connection = await openConnection({ ...accessTo(server), skipTlsVerify: true, proxyUrl });
  const ended = await exec(connection, target);
  expect(await ended.ended).toEqual({ kind: 'exited', exitCode: 0 });
  await expect.poll(proxy.tunnels).toBe(0);
  (await exec(connection, target)).close();
  await expect.poll(proxy.tunnels).toBe(0);
  await connection.close();
});

test('a proxy that refuses, and one of a kind that streams cannot go through, are told', async () => {
  await using proxy = await proxyServer();
  const access = { ...accessTo('https://127.0.0.1:1'), proxyUrl: `http://127.0.0.1:${proxy.port}` };
  expect(await both(access, 500)).toMatchObject([
    unreachable,
    { ...unreachable, message: expect.stringContaining('407') },
  ]);
  const connection = await openConnection({ ...access, proxyUrl: 'socks5://127.0.0.1:1' });
  expect(await caught(() => exec(connection, target))).toMatchObject({ message: expect.stringContaining('socks5') });
  await connection.close();
});
