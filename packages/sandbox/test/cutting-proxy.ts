import { once } from 'node:events';
import { connect, createServer, isIP, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { findAccess, type ClusterAccess } from '@ephemera/kube';

export interface CuttingProxy extends AsyncDisposable {
  /** The test cluster, through the proxy. */
  readonly access: ClusterAccess;
  /** Each connection, those that are open too, breaks once the API server has sent so many bytes over it; undefined ends that. */
  cutAfter(bytes: (() => number) | undefined): void;
  /** Connections that were cut after they had carried more than the words with which every one of them begins. */
  readonly cuts: number;
  /** Breaks all connections, and every later one at once. */
  down(): void;
  up(): void;
  /** Connections that came. */
  readonly connections: number;
}

/** What TLS and the first answer of the API server take at least; a cut before that is none in the middle of anything. */
const firstWords = 5_000;

interface Passage {
  readonly near: Socket;
  readonly far: Socket;
  passed: number;
  limit: number;
}

/** Stands between a test and the real API server, passes TLS through unread, and cuts it on demand, without a word to either side. */
export async function cuttingProxy(): Promise<CuttingProxy> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  const { hostname, port } = new URL(access.server);
  const passages = new Set<Passage>();
  let limitOf: (() => number) | undefined;
  let isDown = false;
  let cuts = 0;
  let connections = 0;

  function cut(passage: Passage): void {
    if (!passages.delete(passage)) return;
    if (passage.passed > firstWords) cuts += 1;
    passage.near.resetAndDestroy();
    passage.far.resetAndDestroy();
  }

  const server = createServer((near) => {
    connections += 1;
    near.on('error', () => {});
    if (isDown) return near.resetAndDestroy();
    const far = connect(Number(port || 443), hostname);
    far.on('error', () => {});
    const passage: Passage = { near, far, passed: 0, limit: limitOf?.() ?? Infinity };
    passages.add(passage);
    for (const socket of [near, far]) {
      socket.on('close', () => {
        passages.delete(passage);
        near.destroy();
        far.destroy();
      });
    }
    const counting = new Transform({
      transform: (chunk: Buffer, _, done) => {
        const part = chunk.subarray(0, passage.limit - passage.passed);
        passage.passed += part.length;
        if (passage.passed < passage.limit) return done(null, part);
        // What was passed on is to arrive before the connection breaks.
        near.write(part, () => cut(passage));
      },
    });
    near.pipe(far);
    far.pipe(counting).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    access: {
      ...access,
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      // The name that certificates of API servers carry where an address is all that the kubeconfig gives.
      tlsServerName: access.tlsServerName ?? (isIP(hostname) ? 'kubernetes' : hostname),
    },
    cutAfter: (bytes) => {
      limitOf = bytes;
      for (const passage of passages) passage.limit = bytes === undefined ? Infinity : passage.passed + bytes();
    },
    get cuts() {
      return cuts;
    },
    get connections() {
      return connections;
    },
    down: () => {
      isDown = true;
      for (const passage of passages) cut(passage);
    },
    up: () => {
      isDown = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const { near, far } of passages) {
        near.destroy();
        far.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
