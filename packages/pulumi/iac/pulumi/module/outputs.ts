import type * as kubernetes from '@pulumi/kubernetes';
import type { Outputs } from './stack-outputs.ts';

/** Taken from the Job that was made, so that whoever uses them waits for it. */
export function exportOutputs(job: kubernetes.batch.v1.Job): Outputs {
  return {
    namespace: job.metadata.apply(({ namespace }) => namespace),
    job_name: job.metadata.apply(({ name }) => name),
  };
}
