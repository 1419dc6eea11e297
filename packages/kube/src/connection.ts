import { readFileSync } from 'node:fs';
import { messageOf } from '@ephemera/model';
import { Agent, buildConnector, ProxyAgent, type Dispatcher } from 'undici';
import { CredentialsUnavailable } from './errors.ts';
import { createGate, type Gate, type Pace, type Urgency } from './gate.ts';
import type { ClusterAccess, Identity } from './kubeconfig.ts';
import { createPlaces, type Places } from './places.ts';
import { socketTo, type OpenSocket } from './socket-to.ts';

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
  /** One for each stream into a container that is open. */
  readonly streams: Places;
  /** Breaks off what runs; every later call fails. */
  readonly close: () => Promise<void>;
}

export interface Door {
  readonly dispatcher: Dispatcher;
  /** A socket of one's own, by the same way and with the same certificates as the sockets of `dispatcher`. */
  readonly openSocket: OpenSocket;
  readonly authorization: string | undefined;
}

export interface ConnectionOptions {
  /** How fast each class of calls is after the cluster has asked for patience. Default 50 a second, 100 at once. */
  readonly pace?: Pace | undefined;
  /** How many streams into containers may be open at the same time. Default 100. */
  readonly mostStreams?: number | undefined;
}

/** Reads the credentials once, so that a certificate that cannot be read is said at the start. Throws `kube.credentials_unavailable`. */
export async function openConnection(
  access: ClusterAccess,
  { pace, mostStreams = 100 }: ConnectionOptions = {},
): Promise<Connection> {
  const sockets = socketsOf(access);
  sockets.as(await readable(access, access.identity));
  const streams = createPlaces(mostStreams);
  return {
    server: access.server,
    door: async () => {
      const who = await readable(access, () => identityOf(access));
      return { ...sockets.as(who), authorization: who.authorization };
    },
    gates: { urgent: createGate(pace), bulk: createGate(pace) },
    streams,
    close: async () => {
      streams.close();
      await sockets.close();
    },
  };
}

type Sockets = Pick<Door, 'dispatcher' | 'openSocket'>;

/**
 * The sockets, all of which show the same client certificate. When it is renewed, new calls get new sockets: the API server checks
 * the certificate of a socket with every request, so one that is kept alive would be refused from the old one's end on. What runs on
 * the old sockets may finish.
 */
function socketsOf(access: ClusterAccess) {
  let current: (Sockets & { readonly shows: string }) | undefined;
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
  const as = (who: Identity): Sockets => {
    const shows = [who.certificate, who.key].map((part) => part?.toString() ?? '').join('\n');
    if (current && (closed || current.shows === shows)) return current;
    if (current) retire(current.dispatcher);
    current = { shows, ...openSockets(access, who) };
    all.add(current.dispatcher);
    return current;
  };
  const close = async (): Promise<void> => {
    closed = true;
    await Promise.all(Array.from(all, (dispatcher) => dispatcher.destroy()));
  };
  return { as, close };
}

function openSockets(access: ClusterAccess, { certificate, key }: Identity): Sockets {
  const tls = {
    ...(access.certificateAuthority === undefined ? {} : { ca: access.certificateAuthority }),
    ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !access.skipTlsVerify,
  };
  // HTTP/1.1 with many sockets: watches hold one each, and one slow answer never stands before another.
  const options = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 };
  const connect = buildConnector({ ...tls, allowH2: false, timeout: connectTimeoutMs });
  const dispatcher =
    access.proxyUrl === undefined
      ? new Agent({ ...options, connect })
      : new ProxyAgent({ ...options, uri: access.proxyUrl, requestTls: tls });
  return { dispatcher, openSocket: socketTo(access, connect) };
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
