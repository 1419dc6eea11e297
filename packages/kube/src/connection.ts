import { readFileSync } from 'node:fs';
import { messageOf } from '@ephemera/model';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { CredentialsUnavailable } from './errors.ts';
import { createGate, type Gate, type Pace, type Urgency } from './gate.ts';
import type { ClusterAccess, Identity } from './kubeconfig.ts';

/** How long the TLS handshake with the API server may take. */
const connectTimeoutMs = 10_000;
/** After this long nothing runs on sockets of an earlier certificate: calls have deadlines, and a watch begins anew every five minutes. */
const retiredAfterMs = 600_000;

/** The way to one API server: where it is, over which sockets, as whom, and how fast. */
export interface Connection {
  readonly server: string;
  /** Asked before every call, because certificates and tokens are renewed on disk or by a plugin while the server runs. */
  readonly door: () => Promise<Door>;
  readonly gates: Readonly<Record<Urgency, Gate>>;
  /** Breaks off what runs; every later call fails. */
  readonly close: () => Promise<void>;
}

export interface Door {
  readonly dispatcher: Dispatcher;
  readonly authorization: string | undefined;
}

/** Reads the credentials once, so that a certificate that cannot be read is said at the start. Throws `kube.credentials_unavailable`. */
export async function openConnection(access: ClusterAccess, pace?: Pace): Promise<Connection> {
  const sockets = socketsOf(access);
  sockets.as(await readable(access, access.identity));
  return {
    server: access.server,
    door: async () => {
      const who = await readable(access, () => identityOf(access));
      return { dispatcher: sockets.as(who), authorization: who.authorization };
    },
    gates: { urgent: createGate(pace), bulk: createGate(pace) },
    close: () => sockets.close(),
  };
}

/**
 * The sockets, all of which show the same client certificate. When it is renewed, new calls get new sockets: the API server checks
 * the certificate of a socket with every request, so one that is kept alive would be refused from the old one's end on. What runs on
 * the old sockets may finish.
 */
function socketsOf(access: ClusterAccess) {
  let current: { readonly shows: string; readonly dispatcher: Dispatcher } | undefined;
  const all = new Set<Dispatcher>();
  let closed = false;
  const retire = (dispatcher: Dispatcher): void => {
    // Not `dispatcher.close()`: what it waits for could no longer be broken off by `close` below. Idle sockets end by themselves.
    const end = () => {
      all.delete(dispatcher);
      void dispatcher.destroy();
    };
    setTimeout(end, retiredAfterMs).unref();
  };
  const as = (who: Identity): Dispatcher => {
    const shows = [who.certificate, who.key].map((part) => part?.toString() ?? '').join('\n');
    if (current && (closed || current.shows === shows)) return current.dispatcher;
    if (current) retire(current.dispatcher);
    current = { shows, dispatcher: openSockets(access, who) };
    all.add(current.dispatcher);
    return current.dispatcher;
  };
  const close = async (): Promise<void> => {
    closed = true;
    await Promise.all(Array.from(all, (dispatcher) => dispatcher.destroy()));
  };
  return { as, close };
}

function openSockets(access: ClusterAccess, { certificate, key }: Identity): Dispatcher {
  const tls = {
    ...(access.certificateAuthority === undefined ? {} : { ca: access.certificateAuthority }),
    ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !access.skipTlsVerify,
  };
  // HTTP/1.1 with many sockets: watches hold one each, and one slow answer never stands before another.
  const options = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 };
  return access.proxyUrl === undefined
    ? new Agent({ ...options, connect: { ...tls, timeout: connectTimeoutMs } })
    : new ProxyAgent({ ...options, uri: access.proxyUrl, requestTls: tls });
}

/** Files that are missing and plugins that fail are told apart from a cluster that does not answer. */
async function readable<Value>(access: ClusterAccess, read: () => Promise<Value>): Promise<Value> {
  return read().catch((thrown: unknown) => {
    throw new CredentialsUnavailable({ server: access.server, problem: messageOf(thrown) }, { cause: thrown });
  });
}

async function identityOf(access: ClusterAccess): Promise<Identity> {
  const identity = await access.identity();
  if (access.tokenFile === undefined) return identity;
  return { ...identity, authorization: `Bearer ${readFileSync(access.tokenFile, 'utf8').trim()}` };
}
