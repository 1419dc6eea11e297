import type { ResourceRequirements } from '@ephemera/model';
import type { JobResources } from './kubernetes-job.ts';

/** A new object for each container: YAML writers turn a shared one into an alias. */
export function resourcesOf({ limits, requests }: JobResources): ResourceRequirements {
  return {
    limits: { cpu: limits.cpu, memory: limits.memory },
    requests: { cpu: requests.cpu, memory: requests.memory },
  };
}
