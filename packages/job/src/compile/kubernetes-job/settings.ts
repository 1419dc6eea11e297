import type { PodJob } from '../pod-job/pod-job.ts';
import type { KubernetesJobSpec } from './kubernetes-job.ts';

/**
 * The settings of the Job. Null is left out, and 0 where it is a value (`backoffLimit`) is kept. `suspend` and `completionMode` are
 * always written: an apply that leaves `suspend` out would not resume a Job that was suspended since.
 *
 * Without a `podFailurePolicy` every lost pod counts against `backoffLimit`, an evicted one too, as in bare Kubernetes. With one, a
 * replacement starts only when the old pod has ended (`podReplacementPolicy: Failed`), the only value that the API server then takes.
 */
export function settingsOf(spec: KubernetesJobSpec): PodJob['settings'] {
  const { parallelism, completions, activeDeadlineSeconds, ttlSecondsAfterFinished, podFailurePolicy } = spec;
  return {
    ...(parallelism !== null && { parallelism }),
    ...(completions !== null && { completions }),
    completionMode: spec.completionMode,
    backoffLimit: spec.backoffLimit,
    ...(activeDeadlineSeconds !== null && { activeDeadlineSeconds }),
    ...(ttlSecondsAfterFinished !== null && { ttlSecondsAfterFinished }),
    suspend: spec.suspend,
    ...(podFailurePolicy !== undefined && { podFailurePolicy, podReplacementPolicy: 'Failed' as const }),
  };
}
