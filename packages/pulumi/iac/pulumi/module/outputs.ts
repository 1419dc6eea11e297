import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { Locals } from './locals.ts';
import type { Outputs } from './stack-outputs.ts';

/**
 * What the compiler decided, once the Job has been made, so that whoever uses it waits for the Job. Not taken from the Job's own
 * metadata: a namespace that is secret would make the name secret with it.
 */
export function exportOutputs({ name, compiled }: Locals, { urn }: kubernetes.batch.v1.Job): Outputs {
  return {
    namespace: pulumi.all([compiled.job.metadata.namespace ?? '', urn]).apply(([namespace]) => namespace),
    job_name: urn.apply(() => name),
  };
}
