import { containerdSocket } from './containerd.ts';

export interface KubeletSettings {
  readonly cgroup: string;
  readonly dns: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly resolvers: string;
  readonly plugins: string;
}

export function kubeletConfig(settings: KubeletSettings): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Version 1 of control groups is refused by default from 1.35 on.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${settings.cgroup}`,
    // No memory limit on the parent of all pods, no swap check, no eviction because the machine's disk is fairly full.
    enforceNodeAllocatable: [],
    failSwapOn: false,
    evictionHard: {},
    // Images made on the spot cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    serializeImagePulls: false,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: settings.authority },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: settings.certificate,
    tlsPrivateKeyFile: settings.key,
    clusterDomain: 'cluster.local',
    clusterDNS: [settings.dns],
    // Fits the node's 254 pod addresses.
    maxPods: 250,
    resolvConf: settings.resolvers,
    volumePluginDir: settings.plugins,
  };
}
