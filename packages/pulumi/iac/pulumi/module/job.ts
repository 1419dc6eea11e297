import type { Job } from '@ephemera/model';
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { doing } from './errors.ts';
import { jobTimeouts } from './job-timeouts.ts';
import type { Locals } from './locals.ts';
import { asInputs, fixedName, resourceName, type Options } from './registration.ts';
import { PULUMI_ANNOTATIONS, WAIT_FOR } from './vars.ts';

/**
 * What the API server never changes on a live Job and the provider does not know of. The provider itself replaces a Job whose template,
 * selector, completions or parallelism change; for the last that is more than the API server asks, and cannot be turned off from here.
 */
const IMMUTABLE = ['spec.completionMode', 'spec.podFailurePolicy', 'spec.podReplacementPolicy'];

/** The Job itself. An update waits until it has completed, and fails if it fails; of a suspended one, until it is suspended. */
export function job(locals: Locals, options: Options): kubernetes.batch.v1.Job {
  const compiled = locals.compiled.job;
  const customTimeouts = jobTimeouts(compiled, options.customTimeouts);
  return doing(
    'creating the job',
    () =>
      new kubernetes.batch.v1.Job(
        resourceName(locals.prefix, 'job'),
        asInputs(forPulumi(compiled)),
        pulumi.mergeOptions(fixedName(options), {
          replaceOnChanges: IMMUTABLE,
          ...(customTimeouts !== undefined && { customTimeouts }),
        }),
      ),
  );
}

/**
 * The Job with the annotations that Pulumi's provider reads. A suspended Job never completes, so that it is suspended is waited for.
 * To skip waiting is no way: the provider then does not wait for deletions either, and the successor of a suspended Job would find
 * its name taken. The pods do not get the provider's annotations: a changed pod template means a new Job, and asking for another
 * treatment must not run it again.
 */
function forPulumi(compiled: Job): Job {
  const { metadata, spec } = compiled;
  const { template } = spec;
  const annotations = {
    ...(spec.suspend === true && { [WAIT_FOR]: 'condition=Suspended' }),
    ...metadata.annotations,
  };
  const forPods = Object.entries(template.metadata?.annotations ?? {}).filter(
    ([name]) => !name.startsWith(PULUMI_ANNOTATIONS),
  );
  const { annotations: _, ...podMetadata } = template.metadata ?? {};
  return {
    ...compiled,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...spec,
      template: {
        ...template,
        metadata: { ...podMetadata, ...(forPods.length > 0 && { annotations: Object.fromEntries(forPods) }) },
      },
    },
  };
}
