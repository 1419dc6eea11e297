import { hasFractionOfUnit } from '../spec/quantity.ts';
import { pathText } from '../spec/show.ts';
import type { JobWarning } from './compiled-job.ts';
import type { KubernetesJob } from './kubernetes-job.ts';

/** What is legal and probably not meant. Pure: it knows the job, not the cluster. */
export function warningsOf(job: KubernetesJob): JobWarning[] {
  return [...countWarnings(job), ...memoryWarnings(job), ...policyWarnings(job)];
}

function countWarnings({ spec: { parallelism, completions } }: KubernetesJob): JobWarning[] {
  const path = 'spec.parallelism';
  if (parallelism === null) {
    const message =
      '0 or null counts as not set, so the cluster runs one pod at a time; to hold a job back, set spec.suspend.';
    return [{ path, message }];
  }
  if (completions === null || parallelism <= completions) return [];
  const message = `${parallelism} pods at a time are more than the ${completions} that have to succeed; no more than ${completions} will run.`;
  return [{ path, message }];
}

/** A request that is the same text as the limit is most likely the default, which gives way to the limit. */
function memoryWarnings({ spec: { resources } }: KubernetesJob): JobWarning[] {
  const { limits, requests } = resources;
  return (['limits', 'requests'] as const)
    .filter(
      (kind) => hasFractionOfUnit(resources[kind].memory) && (kind === 'limits' || limits.memory !== requests.memory),
    )
    .map((kind) => ({
      path: `spec.resources.${kind}.memory`,
      message: `${resources[kind].memory} is not a whole number of bytes: the suffix m means thousandths; for mebibytes write Mi.`,
    }));
}

/** What some versions of the API server refuse, and others read as settings of security: `spec.securityContext` is the place for them. */
const oldSecurity = ['container.apparmor.security.beta.kubernetes.io/', 'seccomp.security.alpha.kubernetes.io/'];
const podSecurity = 'pod-security.kubernetes.io/';
const levels: ReadonlySet<string> = new Set(['privileged', 'baseline', 'restricted']);

function policyWarnings({ metadata, spec }: KubernetesJob): JobWarning[] {
  const annotations = Object.keys(metadata.annotations)
    .filter((key) => oldSecurity.some((prefix) => key.startsWith(prefix)))
    .map((key) => ({
      path: pathText(['metadata', 'annotations', key]),
      message:
        'Kubernetes reads this as a setting of the pod, and refuses the Job if it is wrong; use spec.securityContext.',
    }));
  const labels = Object.entries(metadata.labels).filter(
    ([key, value]) =>
      ['enforce', 'audit', 'warn'].some((mode) => key === `${podSecurity}${mode}`) && !levels.has(value),
  );
  if (!spec.createNamespace) return annotations;
  return [
    ...annotations,
    ...labels.map(([key]) => ({
      path: pathText(['metadata', 'labels', key]),
      message: `The namespace gets this label too, and Kubernetes takes only ${[...levels].join(', ')} for it.`,
    })),
  ];
}
