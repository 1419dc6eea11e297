import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as versions from './versions.ts';

/** One program of the cluster, or a few that are built together. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly binaries: readonly string[];
  readonly source: Published | Own;
  readonly cgo?: boolean;
  readonly tags?: string;
  /** Values that the linker writes into variables. */
  readonly stamps?: Readonly<Record<string, string>>;
}

/** Packages of a published module, which Go installs as they are. */
interface Published {
  readonly packages: readonly string[];
}

/** A module that is committed here: our own program, or one that pins what `go install` refuses to. */
interface Own {
  readonly module: string;
  /** The folder that holds the module, for a tool of another package. Default: the modules of this one. */
  readonly folder?: string;
  /** The program that the module pins, where it is not the module's own. Default: `.`. */
  readonly program?: string;
}

const own = 'own';

export const tools: readonly Tool[] = [
  { name: 'node', version: own, binaries: ['node'], source: { module: 'node' } },
  { name: 'pause', version: own, binaries: ['pause'], source: { module: 'pause' } },
  {
    name: 'cni-plugins',
    version: versions.cniPlugins,
    binaries: ['ptp', 'loopback', 'host-local', 'portmap'],
    source: {
      packages: ['main/ptp', 'main/loopback', 'ipam/host-local', 'meta/portmap'].map(
        (plugin) => `github.com/containernetworking/plugins/plugins/${plugin}`,
      ),
    },
  },
  {
    name: 'runc',
    version: versions.runc,
    binaries: ['runc'],
    source: { packages: ['github.com/opencontainers/runc'] },
    // runc enters namespaces in C, before the Go runtime starts; without seccomp it cannot apply RuntimeDefault.
    cgo: true,
    tags: 'seccomp',
  },
  {
    name: 'containerd',
    version: versions.containerd,
    binaries: ['containerd', 'ctr', 'containerd-shim-runc-v2'],
    source: {
      packages: ['containerd', 'ctr', 'containerd-shim-runc-v2'].map(
        (program) => `github.com/containerd/containerd/v2/cmd/${program}`,
      ),
    },
  },
  {
    name: 'registry',
    version: versions.registry,
    binaries: ['registry'],
    source: { packages: ['github.com/distribution/distribution/v3/cmd/registry'] },
  },
  {
    name: 'coredns',
    version: versions.coredns,
    binaries: ['coredns'],
    source: { packages: ['github.com/coredns/coredns'] },
  },
  {
    name: 'kube',
    version: versions.kubernetes.version,
    binaries: ['kube'],
    source: { module: 'kube' },
    // grpcnotrace lets the linker drop code that would otherwise be reachable by reflection.
    tags: 'grpcnotrace,notest',
    stamps: kubernetesStamps(),
  },
];

/** Unstamped, Kubernetes calls itself v0.0.0 and charts with a version constraint refuse it. */
function kubernetesStamps(): Record<string, string> {
  const { version, major, minor, buildDate } = versions.kubernetes;
  const values = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: 'none',
    buildDate,
  };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return Object.fromEntries(
    packages.flatMap((path) => Object.entries(values).map(([variable, value]) => [`${path}.${variable}`, value])),
  );
}

const modules = join(import.meta.dirname, '..', 'go');

/** Where the sources of a committed module are. */
export function moduleFolder({ module, folder = modules }: Own): string {
  return join(folder, module);
}

/** The arguments of `go`, and whether a C compiler takes part. */
export function buildCommand(tool: Tool, folder: string): { args: string[]; cgo: boolean } {
  const stamps = Object.entries(tool.stamps ?? {}).map(([variable, value]) => ` -X ${variable}=${value}`);
  const flags = [
    '-trimpath',
    '-buildvcs=false',
    '-gcflags=all=-dwarf=false',
    `-ldflags=-s -w${stamps.join('')}`,
    ...(tool.tags === undefined ? [] : [`-tags=${tool.tags}`]),
  ];
  const args =
    'module' in tool.source
      ? ['build', ...flags, '-o', folder, tool.source.program ?? '.']
      : ['install', ...flags, ...tool.source.packages.map((path) => `${path}@${tool.version}`)];
  return { args, cgo: tool.cgo === true };
}

/** Changes whenever the built program could: with versions, flags, sources and the machine's architecture. */
export function toolKey(tool: Tool, arch: string = process.arch): string {
  // Not the folder: the same sources at another place give the same program.
  const described = JSON.stringify([arch, tool, buildCommand(tool, '')], (key, value: unknown) =>
    key === 'folder' ? undefined : value,
  );
  const hash = createHash('sha256').update(described);
  if ('module' in tool.source) {
    const folder = moduleFolder(tool.source);
    for (const file of readdirSync(folder).toSorted()) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return `${tool.name}-${tool.version}-${hash.digest('hex').slice(0, 10)}`;
}
