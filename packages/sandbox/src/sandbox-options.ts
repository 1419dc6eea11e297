import type { SandboxHost } from './host.ts';

/** What a sandbox may reach over the network. By default nothing, and nothing reaches it. */
export interface SandboxNetwork {
  /** Whether names may be looked up at the cluster's DNS. Default false. */
  readonly dns?: boolean;
  /** Ranges that it may connect to. Addresses of metadata services stay excluded, whatever is written here. */
  readonly allow?: readonly SandboxRange[];
}

export interface SandboxRange {
  /** For example `10.0.0.0/8` or `2001:db8::/32`. */
  readonly cidr: string;
  readonly except?: readonly string[];
  /** TCP ports. Default: all ports and protocols. */
  readonly ports?: readonly number[];
}

/** Quantities as Kubernetes writes them: `500m`, `1Gi`. */
export interface SandboxResources {
  readonly cpu?: string;
  readonly memory?: string;
  readonly ephemeralStorage?: string;
}

export interface SandboxToleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

export interface SandboxOptions {
  /** Where it runs. Default: the cluster that `KUBECONFIG_PATH`, the pod's own account or kubectl's settings lead to. */
  readonly on?: SandboxHost;
  /** Default `nikolaik/python-nodejs:python3.11-nodejs20-bullseye`. Any image: it needs no shell, and no program of ours. */
  readonly image?: string;
  /** A name of the user's, one label of DNS, by which `Sandbox.getOrCreate` finds it again. */
  readonly name?: string;
  /** Of all commands. It travels to the sandbox's memory only, and is in no object of the cluster. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it may use. Default 1000m, 2Gi, 4Gi; requested are 250m, 512Mi, 1Gi, or the limit where that is less. */
  readonly resources?: { readonly limits?: SandboxResources; readonly requests?: SandboxResources };
  /** How long it lives, in milliseconds from its creation; `extend` moves the end. Default 30 minutes, 1 second to 7 days. */
  readonly timeoutMs?: number;
  /** It ends when nobody has been connected and no command has run for so long. Default: it does not. */
  readonly idleTimeoutMs?: number;
  /** How long its start may take before it is given up. Default 3 minutes. */
  readonly startTimeoutMs?: number;
  /** The disk of work folder, home and `/tmp` together. Default 2Gi on the node's disk; `memory` counts against the memory limit. */
  readonly disk?: { readonly size?: string; readonly medium?: 'disk' | 'memory' };
  /** The user id of all processes. Default 1000. 0 is refused where the namespace enforces Pod Security `restricted`. */
  readonly user?: number;
  /** Whether the image's own files can be changed. Default true: only work folder, home and `/tmp` are writable. */
  readonly readOnlyRoot?: boolean;
  readonly network?: SandboxNetwork;
  /** Default `ci-fixer-sandbox`, an account without any right; no token of it is in the sandbox. */
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: readonly string[];
  readonly runtimeClassName?: string;
  /** False: in a user namespace of its own. Whether the cluster did so is checked inside. Default: as the cluster does. */
  readonly hostUsers?: false;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly SandboxToleration[];
  /** Of the nodes that it may run on. Default amd64. */
  readonly arch?: SandboxArch;
  /** Kept as annotations, for people and for `list`. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly onStage?: (stage: SandboxStage) => void;
  readonly signal?: AbortSignal;
}

export type SandboxArch = 'amd64' | 'arm64';

/** How far the start is, with the milliseconds since it began. */
export interface SandboxStage {
  readonly stage: 'created' | 'scheduled' | 'started' | 'connected';
  readonly ms: number;
}

export interface SandboxInfo {
  readonly id: string;
  readonly name?: string;
  readonly image: string;
  readonly namespace: string;
  /** `starting`: not connected to yet. `ended`: its processes are gone, and the Job is kept for some minutes. */
  readonly state: 'starting' | 'running' | 'ended';
  /** Why it ended, or does not start. */
  readonly reason?: string;
  /** ISO 8601, the cluster's clock. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** As given at its creation; left out where it does not end for want of use. */
  readonly idleTimeoutMs?: number;
  readonly metadata: Readonly<Record<string, string>>;
}
