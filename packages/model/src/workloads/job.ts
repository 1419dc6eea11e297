import type { KubeObject, ObjectMeta } from '../objects.ts';
import type { Condition, PodSpec } from './pod.ts';

/** `batch/v1` Job, as far as we write and read it. */
export interface Job extends KubeObject {
  readonly spec: JobSpec;
  readonly status?: JobObjectStatus;
}

export interface JobSpec {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly backoffLimit?: number;
  readonly activeDeadlineSeconds?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly completionMode?: 'NonIndexed' | 'Indexed';
  readonly suspend?: boolean;
  readonly podFailurePolicy?: PodFailurePolicy;
  readonly podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed';
  readonly template: PodTemplate;
}

export interface PodTemplate {
  readonly metadata?: Omit<ObjectMeta, 'name' | 'namespace'>;
  readonly spec: PodSpec;
}

export interface PodFailurePolicy {
  readonly rules: readonly PodFailureRule[];
}

/** Exactly one of the two conditions is set. */
export interface PodFailureRule {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: 'True' | 'False' | 'Unknown' }[];
}

/** The status of the Kubernetes object; counters that are missing are 0. */
export interface JobObjectStatus {
  readonly active?: number;
  readonly ready?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly terminating?: number;
  /** UIDs of pods that have ended and are not yet in the counters. */
  readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] };
  readonly completedIndexes?: string;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly conditions?: readonly Condition[];
}
