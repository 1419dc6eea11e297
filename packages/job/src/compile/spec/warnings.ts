import type { JobWarning } from '../kubernetes-job/compiled-job.ts';
import type { KubernetesJob } from '../kubernetes-job/kubernetes-job.ts';
import { hasFractionOfUnit } from './quantity.ts';

/** What is legal and probably not meant. Pure: it knows the job, not the cluster. */
export function warningsOf(job: KubernetesJob): JobWarning[] {
  const { parallelism, completions, resources } = job.spec;
  const warnings: JobWarning[] = [];
  if (parallelism === null) {
    warnings.push({
      path: 'spec.parallelism',
      message:
        '0 or null counts as not set, so the cluster runs one pod at a time; to hold a job back, set spec.suspend.',
    });
  } else if (completions !== null && parallelism > completions) {
    warnings.push({
      path: 'spec.parallelism',
      message: `${parallelism} pods at a time are more than the ${completions} that have to succeed; no more than ${completions} will run.`,
    });
  }
  for (const kind of ['limits', 'requests'] as const) {
    const { memory } = resources[kind];
    if (hasFractionOfUnit(memory)) {
      warnings.push({
        path: `spec.resources.${kind}.memory`,
        message: `${memory} is not a whole number of bytes: the suffix m means thousandths; for mebibytes write Mi.`,
      });
    }
  }
  return warnings;
}
