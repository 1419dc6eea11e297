import { pauseImage } from '../versions.ts';

export interface ContainerdSettings {
  readonly root: string;
  /** Folder of the settings for each registry. */
  readonly registries: string;
  readonly networkPlugins: string;
  readonly networkConfig: string;
  readonly runc: string;
  /** A folder of ours for what containerd would otherwise create as /opt/containerd. */
  readonly optional: string;
}

/** Inside the instance /run is private, so the usual path is free; the kubelet's metrics look nowhere else. */
export const containerdSocket = '/run/containerd/containerd.sock';

const unused = [
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.nri.v1.nri',
];

export function containerdConfig(settings: ContainerdSettings): string {
  return `version = 3
root = ${quote(settings.root)}
state = "/run/containerd"
disabled_plugins = [${unused.map(quote).join(', ')}]

[grpc]
  address = ${quote(containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${quote(settings.optional)}

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = ${quote(pauseImage)}
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = ${quote(settings.registries)}

[plugins."io.containerd.cri.v1.runtime"]
  # Lowering the score needs CAP_SYS_RESOURCE, which root of a container-like machine lacks; every pod would fail.
  restrict_oom_score_adj = true
  # Its profile would be loaded into the machine's kernel and stay there.
  disable_apparmor = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = [${quote(settings.networkPlugins)}]
    conf_dir = ${quote(settings.networkConfig)}
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        BinaryName = ${quote(settings.runc)}
        SystemdCgroup = false
`;
}

/** How containerd reaches the local registry, also under the name of another one: plain HTTP, and nothing else. */
export function registryHost(registry: string): string {
  return `server = ${quote(`http://${registry}`)}\n`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
