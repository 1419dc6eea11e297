import { dirname, join } from 'node:path';
import { apiServerPort, type Addresses } from './addresses.ts';
import { leavesOf, type Leaf } from './certificates.ts';
import { componentsOf, type Component, type ComponentSettings } from './components.ts';
import { programOf } from './toolbox.ts';

/** What the node program gets to know. Its shape is declared a second time in go/node/plan.go, which reads it. */
export interface Plan {
  readonly record: string;
  readonly events: string;
  readonly logs: string;
  readonly cgroup: string;
  readonly mounts: {
    readonly keep: readonly string[];
    readonly private: readonly { readonly path: string; readonly source: string }[];
  };
  readonly network: {
    readonly device: string;
    readonly hostAddress: string;
    readonly nodeAddress: string;
    readonly route: string;
  };
  readonly loopback: { readonly port: number; readonly target: string };
  readonly certificates: { readonly folder: string; readonly leaves: readonly Leaf[] };
  readonly environment: readonly string[];
  readonly components: readonly Component[];
}

/** Folders of the machine that the node sees as its own: Kubernetes and its tools write into each of them. */
const privateFolders = ['/var/lib', '/var/log', '/tmp'];

export function planOf(settings: ComponentSettings): Plan {
  const { layout, addresses, toolbox } = settings;
  return {
    record: layout.record,
    events: layout.events,
    logs: layout.logs,
    cgroup: layout.cgroup,
    mounts: {
      keep: [layout.cache],
      private: [
        { path: '/run', source: '' },
        ...privateFolders.map((path) => ({ path, source: privateFolder(layout.data, path) })),
      ],
    },
    network: network(layout.device, addresses),
    loopback: { port: addresses.loopbackPort, target: `127.0.0.1:${apiServerPort}` },
    certificates: { folder: layout.certificates, leaves: leavesOf(layout.node, addresses) },
    environment: [
      // containerd finds its shim on PATH; an older one of the machine must not come first.
      `PATH=${dirname(programOf(toolbox, 'containerd'))}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      `HOME=${layout.data}`,
      // The registry would send traces to a collector that nobody runs.
      'OTEL_TRACES_EXPORTER=none',
    ],
    components: componentsOf(settings),
  };
}

function network(device: string, { host, node, cablePrefix, block }: Addresses): Plan['network'] {
  return {
    device,
    hostAddress: `${host}/${cablePrefix}`,
    nodeAddress: `${node}/${cablePrefix}`,
    route: block,
  };
}

function privateFolder(data: string, path: string): string {
  return join(data, path.slice(1).replaceAll('/', '-'));
}
