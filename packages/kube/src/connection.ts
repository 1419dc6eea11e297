import { readFileSync } from 'node:fs';
import { messageOf } from '@ephemera/model';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { CredentialsUnavailable } from './errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** How long the TLS handshake with the API server may take. */
const connectTimeoutMs = 10_000;

/** An open door to one API server: where it is, over which sockets, as whom. */
export interface Connection {
  readonly server: string;
  readonly dispatcher: Dispatcher;
  /** Asked before every call, because tokens are renewed on disk or by a plugin while the server runs. */
  readonly authorization: () => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

export async function openConnection(access: ClusterAccess): Promise<Connection> {
  const { identity, authorization } = credentialsOf(access);
  const { certificate, key } = await identity();
  const tls = {
    ...(access.certificateAuthority === undefined ? {} : { ca: access.certificateAuthority }),
    ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !access.skipTlsVerify,
  };
  // HTTP/1.1 with many sockets: watches hold one each, and one slow answer never stands before another.
  const options = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 };
  const dispatcher =
    access.proxyUrl === undefined
      ? new Agent({ ...options, connect: { ...tls, timeout: connectTimeoutMs } })
      : new ProxyAgent({ ...options, uri: access.proxyUrl, requestTls: tls });
  return {
    server: access.server,
    dispatcher,
    authorization,
    close: () => dispatcher.destroy(),
  };
}

/** Files that are missing and plugins that fail are told apart from a cluster that does not answer. */
function credentialsOf(access: ClusterAccess) {
  const unavailable = (thrown: unknown) => {
    throw new CredentialsUnavailable({ server: access.server, problem: messageOf(thrown) }, { cause: thrown });
  };
  const authorization = async () =>
    access.tokenFile === undefined
      ? (await access.identity()).authorization
      : `Bearer ${readFileSync(access.tokenFile, 'utf8').trim()}`;
  return {
    identity: () => access.identity().catch(unavailable),
    authorization: () => authorization().catch(unavailable),
  };
}
