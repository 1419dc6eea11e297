import type { Job } from '@ephemera/model';
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { doing } from './errors.ts';
import type { Locals } from './locals.ts';
import { asInputs, fixedName, type Options } from './registration.ts';
import { PULUMI_ANNOTATIONS, SKIP_AWAIT } from './vars.ts';

/** What the API server never changes on a live Job: another value means another Job. */
const IMMUTABLE = [
  'spec.template',
  'spec.selector',
  'spec.completionMode',
  'spec.podFailurePolicy',
  'spec.podReplacementPolicy',
];

/** An Indexed Job may grow and shrink; of any other the number of completions stays. */
function immutableOf({ spec }: Job): string[] {
  return spec.completionMode === 'Indexed' ? IMMUTABLE : [...IMMUTABLE, 'spec.completions'];
}

/** The Job itself. An update waits until it has completed, and fails if it fails, unless it is suspended. */
export function job(locals: Locals, options: Options): kubernetes.batch.v1.Job {
  return doing(
    'creating the job',
    () =>
      new kubernetes.batch.v1.Job(
        `${locals.prefix}-job`,
        asInputs(forPulumi(locals.compiled.job)),
        pulumi.mergeOptions(fixedName(options), { replaceOnChanges: immutableOf(locals.compiled.job) }),
      ),
  );
}

/**
 * The Job with the annotations that Pulumi's provider reads. A suspended Job never completes, so nobody waits for it. The pods do not
 * get the provider's annotations: a changed pod template means a new Job, and asking for another treatment must not run it again.
 */
function forPulumi(compiled: Job): Job {
  const { metadata, spec } = compiled;
  const { template } = spec;
  const annotations = {
    ...metadata.annotations,
    ...(spec.suspend === true && { [SKIP_AWAIT]: 'true' }),
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
