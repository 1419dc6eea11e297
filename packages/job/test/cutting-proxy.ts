import { once } from 'node:events';
import { connect, createServer, isIP, type AddressInfo, type Socket } from 'node:net';
import { findAccess, type ClusterAccess } from '@ephemera/kube';

export interface CuttingProxy extends AsyncDisposable {
  /** The test cluster, through the proxy. */
  readonly access: ClusterAccess;
  /** Breaks all connections that are open, without a word to either side; how many there were. */
  cut(): number;
  /** Connections that are open now. */
  open(): number;
}

/** Stands between a test and the real API server, passes TLS through unread, and cuts it on demand. */
export async function cuttingProxy(): Promise<CuttingProxy> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  const { hostname, port } = new URL(access.server);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port || 443), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
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
    cut: () => {
      const count = sockets.size / 2;
      for (const socket of sockets) socket.resetAndDestroy();
      return count;
    },
    open: () => sockets.size / 2,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
