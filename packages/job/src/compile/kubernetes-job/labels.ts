import type { KubernetesJob } from './kubernetes-job.ts';

/** Everything that marks an object as part of a KubernetesJob starts with this. One constant, so that a fork renames it once. */
const prefix = 'project-planton.org';

export const jobLabels = {
  resource: `${prefix}/resource`,
  resourceName: `${prefix}/resource-name`,
  resourceKind: `${prefix}/resource-kind`,
  resourceId: `${prefix}/resource-id`,
  organization: `${prefix}/organization`,
  environment: `${prefix}/environment`,
} as const;

const ourKeys: ReadonlySet<string> = new Set(Object.values(jobLabels));

/**
 * The labels of everything that one KubernetesJob makes: the user's first, ours last. A new object at each call.
 *
 * A label of the user under one of our keys is dropped even where we set none: a job without an id could otherwise claim the id of
 * another job, and ownership is decided by these labels. Other keys under the same prefix are the user's to set.
 */
export function labelsOf({ metadata }: KubernetesJob): Record<string, string> {
  const users = Object.entries(metadata.labels).filter(([key]) => !ourKeys.has(key));
  return {
    ...Object.fromEntries(users),
    [jobLabels.resource]: 'true',
    [jobLabels.resourceName]: metadata.name,
    [jobLabels.resourceKind]: 'KubernetesJob',
    ...ifSet(jobLabels.resourceId, metadata.id),
    ...ifSet(jobLabels.organization, metadata.org),
    ...ifSet(jobLabels.environment, metadata.env),
  };
}

function ifSet(key: string, value: string | undefined): Record<string, string> {
  return value === undefined || value === '' ? {} : { [key]: value };
}
