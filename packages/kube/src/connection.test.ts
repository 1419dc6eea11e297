import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { accessTo, caught } from '../test/api-server.ts';
import { strangersCertificate } from '../test/stranger.ts';
import { openConnection } from './connection.ts';
import { call } from './request.ts';

const read = { method: 'GET', path: '/version', what: 'Reading the version' } as const;
const fingerprint = (certificate: string) => new X509Certificate(certificate).fingerprint256;

/** A server that says which certificate its client has shown on this socket, and how many sockets it has seen. */
async function mirror() {
  const own = strangersCertificate();
  let sockets = 0;
  const held: (() => void)[] = [];
  const server = createServer(
    { cert: own.certificate, key: own.key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const shown = (request.socket as TLSSocket).getPeerCertificate().fingerprint256;
      const answer = () => response.end(JSON.stringify({ shown }));
      if (request.url === '/slow') held.push(answer);
      else answer();
    },
  );
  server.on('secureConnection', () => (sockets += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets: () => sockets,
    held: () => held.length,
    release: () => held.forEach((answer) => answer()),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a client certificate that was renewed is shown from the next call on, and what runs may finish', async () => {
  await using api = await mirror();
  const [old, renewed] = [strangersCertificate(), strangersCertificate()];
  let shows = old;
  const connection = await openConnection({ ...accessTo(api.url), skipTlsVerify: true, identity: async () => shows });
  expect(await call(connection, read)).toEqual({ shown: fingerprint(old.certificate) });
  expect(await call(connection, read)).toEqual({ shown: fingerprint(old.certificate) });
  const slow = call(connection, { ...read, path: '/slow' });
  await expect.poll(api.held).toBe(1);

  shows = renewed;
  expect(await call(connection, read)).toEqual({ shown: fingerprint(renewed.certificate) });
  expect(await call(connection, read)).toEqual({ shown: fingerprint(renewed.certificate) });
  api.release();
  expect(await slow).toEqual({ shown: fingerprint(old.certificate) });
  await connection.close();
});

test('a certificate that is half written is an error that may be tried again, and heals with the second half', async () => {
  await using api = await mirror();
  const [old, renewed] = [strangersCertificate(), strangersCertificate()];
  let shows = old;
  const connection = await openConnection({ ...accessTo(api.url), skipTlsVerify: true, identity: async () => shows });
  await call(connection, read);
  shows = { certificate: renewed.certificate, key: old.key };
  expect(await caught(() => call(connection, { ...read, timeoutMs: 300 }))).toMatchObject({ retryable: true });
  shows = renewed;
  expect(await call(connection, read)).toEqual({ shown: fingerprint(renewed.certificate) });
  await connection.close();
});

test('closing ends what runs on sockets of an earlier certificate too, and nothing is opened afterwards', async () => {
  await using api = await mirror();
  let shows = strangersCertificate();
  const connection = await openConnection({ ...accessTo(api.url), skipTlsVerify: true, identity: async () => shows });
  const slow = caught(() => call(connection, { ...read, path: '/slow' }));
  await expect.poll(api.held).toBe(1);
  shows = strangersCertificate();
  await call(connection, read);
  const opened = api.sockets();
  await connection.close();
  expect(await slow).toMatchObject({ code: 'kube.unreachable' });
  shows = strangersCertificate();
  expect(await caught(() => call(connection, read))).toMatchObject({ code: 'kube.unreachable' });
  expect(api.sockets()).toBe(opened);
});
