import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAccess } from '@ephemera/kube';
import { startHttpProxy, type HttpProxy } from './http-proxy.ts';

/**
 * A fault proxy in front of the tests' real API server.
 *
 *   await using cluster = await startKubeProxy();
 *   startServerProcess({ KUBECONFIG_PATH: cluster.kubeconfigPath, … });          // or startWorld({ settings: { KUBECONFIG_PATH } })
 *   cluster.rule({ method: 'PATCH', path: '/api/v1/namespaces/pr-', nth: 1, fate: { status: 429, headers: { 'retry-after': '7' } } });
 *   const held = cluster.rule({ path: /\/resourcequotas\//, fate: 'hold' });
 *   await held.reached;                                                          // the call has arrived and is not passed on
 *   cluster.clear(); cluster.release();
 *   cluster.rule({ path: /watch=true/, fate: { cutAfterLines: 2 } });            // or { freezeAfterLines: 0 }: a silent watch
 *   cluster.rule({ path: /watch=true/, times: 1, fate: { status: 200, body: '{"type":"ERROR","object":{"code":410}}\n' } });
 *   await cluster.down(); … await cluster.up();                                  // the API server is gone, and back on its port
 *
 * Rules: `http-rules.ts`; the other methods: `http-proxy.ts`.
 */
export interface KubeProxy extends HttpProxy {
  /** A kubeconfig that goes through the proxy, as whom the tests' own kubeconfig says. */
  readonly kubeconfigPath: string;
}

export async function startKubeProxy(): Promise<KubeProxy> {
  const access = findAccess({
    kubeconfigPath: process.env.EPHEMERA_TEST_KUBECONFIG,
    context: process.env.EPHEMERA_TEST_CONTEXT,
  });
  const { authorization, certificate, key } = await access.identity();
  const proxy = await startHttpProxy({
    url: access.server,
    headers: authorization === undefined ? {} : { authorization },
    tls: {
      ...(access.certificateAuthority === undefined ? {} : { ca: access.certificateAuthority }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: !access.skipTlsVerify,
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-proxy-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  writeFileSync(kubeconfigPath, JSON.stringify(kubeconfig(proxy.url)), { mode: 0o600 });
  return {
    ...proxy,
    kubeconfigPath,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
