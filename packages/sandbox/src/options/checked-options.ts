import type { SandboxArch, SandboxToleration } from '../sandbox-options.ts';

/** What was asked for, checked and complete: nothing that makes objects of it has to doubt or to fill in anything. */
export interface CheckedOptions {
  readonly image: string;
  readonly name: string | undefined;
  readonly resources: { readonly limits: CheckedResources; readonly requests: CheckedResources };
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number | undefined;
  readonly startTimeoutMs: number;
  readonly disk: { readonly size: string; readonly medium: 'disk' | 'memory' };
  /** How much of what commands write is kept, in bytes: of one stream, and of all together. */
  readonly keep: { readonly ofStream: number; readonly ofAll: number };
  readonly user: number;
  readonly readOnlyRoot: boolean;
  readonly network: { readonly dns: boolean; readonly allow: readonly CheckedRange[] };
  readonly serviceAccountName: string;
  readonly imagePullSecrets: readonly string[];
  readonly runtimeClassName: string | undefined;
  readonly hostUsers: false | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly SandboxToleration[];
  readonly arch: SandboxArch;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CheckedResources {
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: string;
}

export interface CheckedRange {
  readonly cidr: string;
  readonly except: readonly string[];
  /** Empty: all ports and protocols. */
  readonly ports: readonly number[];
}
