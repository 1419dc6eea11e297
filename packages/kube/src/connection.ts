import { readFileSync } from 'node:fs';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
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
  const identity = await access.identity();
  const tls = {
    ...(access.certificateAuthority === undefined ? {} : { ca: access.certificateAuthority }),
    ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
    ...(identity.certificate === undefined ? {} : { cert: identity.certificate }),
    ...(identity.key === undefined ? {} : { key: identity.key }),
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
    authorization: async () => {
      if (access.tokenFile !== undefined) return `Bearer ${readFileSync(access.tokenFile, 'utf8').trim()}`;
      return (await access.identity()).authorization;
    },
    close: () => dispatcher.destroy(),
  };
}
