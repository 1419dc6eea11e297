import type { JobSpec, PodSpec } from '@ephemera/model';

/**
 * Any pod that runs as a Job: the lower layer of the compiler, which knows nothing of KubernetesJob. Pull-request jobs, sandboxes and
 * builds have their own labels, container names and volumes, and get the same Job around them.
 */
export interface PodJob {
  readonly name: string;
  readonly namespace: string;
  /** On the Job and on its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Everything of the Job but its template; what is not set is left to the cluster. */
  readonly settings: Omit<JobSpec, 'template'>;
  readonly pod: PodSpec;
}
