import type { KubernetesJob } from './kubernetes-job.ts';

/** The name of the container that does the job's work. */
export const jobContainerName = 'job-container';

/** The names of what one KubernetesJob makes. Its ConfigMaps are named by the keys of `spec.configMaps`. */
export interface JobNames {
  readonly job: string;
  readonly namespace: string;
  readonly envSecrets: string;
  readonly imagePullSecret: string;
  readonly container: typeof jobContainerName;
}

/** The Secrets carry the job's name, so that jobs that share a namespace do not share Secrets. */
export function namesOf({ metadata, spec }: KubernetesJob): JobNames {
  return {
    job: metadata.name,
    namespace: spec.namespace,
    envSecrets: `${metadata.name}-env-secrets`,
    imagePullSecret: `${metadata.name}-image-pull-secret`,
    container: jobContainerName,
  };
}
