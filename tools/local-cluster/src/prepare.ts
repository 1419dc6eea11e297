import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiServerPort, registryPort, type Addresses } from './addresses.ts';
import { clients } from './certificates.ts';
import { run } from './command.ts';
import { containerdConfig, registryHost } from './config/containerd.ts';
import { kubeconfig } from './config/kubeconfig.ts';
import { kubeletConfig } from './config/kubelet.ts';
import { dnsConfig, networkPlugins, proxyConfig, resolvers } from './config/network.ts';
import { clusterObjects } from './config/objects.ts';
import { registryConfig } from './config/registry.ts';
import type { LocalImage } from './images.ts';
import type { Layout } from './layout.ts';
import { planOf } from './plan.ts';
import { programOf, type Toolbox } from './toolbox.ts';
import { publicRegistries } from './versions.ts';

export interface Preparation {
  readonly layout: Layout;
  readonly addresses: Addresses;
  readonly toolbox: Toolbox;
  readonly images: readonly LocalImage[];
  readonly signal: AbortSignal | undefined;
}

/** Writes everything that the node program and the components read. JSON where they accept YAML: it is a subset. */
export async function prepare({ layout, addresses, toolbox, images, signal }: Preparation): Promise<void> {
  const plan = planOf({ layout, addresses, toolbox, images });
  await rm(layout.logs, { recursive: true, force: true });
  const folders = [layout.logs, layout.containerd, layout.config, ...plan.mounts.private.map(({ source }) => source)];
  await Promise.all(folders.filter((folder) => folder !== '').map((folder) => mkdir(folder, { recursive: true })));
  await writeFile(layout.plan, JSON.stringify(plan, undefined, 2));
  await run(programOf(toolbox, 'node'), ['certificates', layout.plan], { timeoutMs: 30_000, signal });
  await writeConfig(layout, addresses, toolbox);
  await writeKubeconfigs(layout, addresses);
}

async function writeConfig(layout: Layout, addresses: Addresses, toolbox: Toolbox): Promise<void> {
  const config = (file: string): string => join(layout.config, file);
  const certificate = (file: string): string => join(layout.certificates, file);
  const registry = `${addresses.node}:${registryPort}`;
  const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const files: Record<string, string | object> = {
    'containerd.toml': containerdConfig({
      root: layout.containerd,
      registries: config('registries'),
      networkPlugins: join(programOf(toolbox, 'ptp'), '..'),
      networkConfig: config('network'),
      runc: programOf(toolbox, 'runc'),
      optional: join(layout.data, 'containerd-optional'),
    }),
    'kubelet.yaml': kubeletConfig({
      cgroup: layout.cgroup,
      dns: addresses.dns,
      authority: certificate('ca.crt'),
      certificate: certificate('kubelet-server.crt'),
      key: certificate('kubelet-server.key'),
      resolvers: config('resolv.conf'),
      plugins: config('volume-plugins'),
    }),
    'resolv.conf': resolvers(resolvConf, addresses),
    'kube-proxy.yaml': proxyConfig(config('kube-proxy.kubeconfig'), layout.node, addresses),
    'objects.yaml': clusterObjects(addresses),
    'registry.yaml': registryConfig(join(layout.data, 'registry'), registry),
    Corefile: dnsConfig(config('coredns.kubeconfig'), layout.context, addresses),
    'network/10-pods.conflist': networkPlugins(addresses),
    // `_default` is everybody whom the list does not name: an unknown registry is refused at once, not after a timeout.
    ...Object.fromEntries(
      [registry, ...publicRegistries, '_default'].map((host) => [
        `registries/${host}/hosts.toml`,
        registryHost(registry),
      ]),
    ),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(config(name), '..'), { recursive: true });
    await writeFile(config(name), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  }
}

async function writeKubeconfigs(layout: Layout, addresses: Addresses): Promise<void> {
  const read = (file: string): Promise<string> => readFile(join(layout.certificates, file), 'utf8');
  const authority = await read('ca.crt');
  for (const name of clients) {
    const content = kubeconfig({
      context: layout.context,
      server: `https://${addresses.node}:${apiServerPort}`,
      authority,
      certificate: await read(`${name}.crt`),
      key: await read(`${name}.key`),
    });
    const text = JSON.stringify(content, undefined, 2);
    await writeFile(join(layout.config, `${name}.kubeconfig`), text, { mode: 0o600 });
    if (name === 'admin') await writeFile(layout.kubeconfig, text, { mode: 0o600 });
  }
}
