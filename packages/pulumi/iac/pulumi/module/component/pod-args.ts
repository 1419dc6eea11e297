/** A taint that pods tolerate. */
export interface TolerationArgs {
  key?: string;
  /** `Exists` or `Equal`. */
  operator?: string;
  value?: string;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  effect?: string;
  tolerationSeconds?: number;
}

/** What of the secure default is changed; fields as in Kubernetes. */
export interface SecurityContextArgs {
  runAsUser?: number;
  runAsGroup?: number;
  fsGroup?: number;
  runAsNonRoot?: boolean;
  readOnlyRootFilesystem?: boolean;
  allowPrivilegeEscalation?: boolean;
  capabilities?: CapabilitiesArgs;
  seccompProfile?: SeccompProfileArgs;
}

/** Capabilities of Linux, added and dropped. */
export interface CapabilitiesArgs {
  add?: string[];
  drop?: string[];
}

/** The system calls that are allowed. */
export interface SeccompProfileArgs {
  /** `RuntimeDefault`, `Unconfined` or `Localhost`. */
  type: string;
  localhostProfile?: string;
}

/** Which failures of pods count, by the first rule that fits. */
export interface PodFailurePolicyArgs {
  rules: PodFailureRuleArgs[];
}

/** A rule: an action, and exactly one of the two conditions. */
export interface PodFailureRuleArgs {
  /** `FailJob`, `FailIndex`, `Ignore` or `Count`. */
  action: string;
  onExitCodes?: ExitCodesArgs;
  onPodConditions?: PodConditionArgs[];
}

/** Exit codes of a container. */
export interface ExitCodesArgs {
  containerName?: string;
  /** `In` or `NotIn`. */
  operator: string;
  values: number[];
}

/** A condition of the pod. */
export interface PodConditionArgs {
  type: string;
  /** `True` (default), `False` or `Unknown`. */
  status?: string;
}
