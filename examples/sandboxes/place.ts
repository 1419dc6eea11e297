import { clusterHost, serverHost, type SandboxHost } from '@ephemera/sandbox';

/** Where the programs beside this file make sandboxes: by the server of EPHEMERA_URL, else on the cluster that kubectl would take. */
export function place(): SandboxHost {
  const { EPHEMERA_URL: url, EPHEMERA_TOKEN: token = '', SANDBOX_NAMESPACE: namespace = 'default' } = process.env;
  return url === undefined ? clusterHost({ namespace }) : serverHost({ url, token });
}
