import type { Job, JobSpec } from '@ephemera/model';
import type { PodJob } from './pod-job.ts';

type Settings = PodJob['settings'];

/**
 * Each setting once, in the order in which it is written. The type makes a new setting of `JobSpec` fail here until it is listed,
 * so that none is lost; what is not listed is not written, so that no caller from outside TypeScript can bring a selector in.
 */
const settingNames = {
  parallelism: true,
  completions: true,
  completionMode: true,
  backoffLimit: true,
  activeDeadlineSeconds: true,
  ttlSecondsAfterFinished: true,
  suspend: true,
  podFailurePolicy: true,
  podReplacementPolicy: true,
} as const satisfies Record<keyof Settings, true>;

/**
 * The `batch/v1` Job around any pod. Pure: the same input gives the same bytes.
 *
 * Labels and annotations are copied for the Job and for its pods, never shared, because YAML writers turn a shared object into an alias.
 * There is never a selector: the API server makes one of the Job's UID, and one that is written by hand can catch the pods of others.
 */
export function compilePodJob({ name, namespace, labels, annotations, podAnnotations, settings, pod }: PodJob): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: { ...labels }, ...annotationsOf(annotations) },
    spec: {
      ...inOrder(settings),
      template: { metadata: { labels: { ...labels }, ...annotationsOf(podAnnotations) }, spec: pod },
    },
  };
}

function annotationsOf(annotations: PodJob['annotations'] = {}) {
  return Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } };
}

function inOrder(settings: Settings): Omit<JobSpec, 'template'> {
  const names = Object.keys(settingNames) as (keyof Settings)[];
  return Object.fromEntries(names.filter((name) => settings[name] !== undefined).map((name) => [name, settings[name]]));
}
