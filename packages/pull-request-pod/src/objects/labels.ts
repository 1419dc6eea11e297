import type { Owner } from '@ephemera/kube';
import { instanceLabel } from '@ephemera/model';

const creator = { 'created-by': 'catalyst-web-app' } as const;

/** Whose: `name` of the job, and the id of the server's database; a job that was made without a server has none. */
export interface PrJobOwned {
  readonly name: string;
  readonly instance?: string | undefined;
}

/** On ServiceAccount, Role and RoleBinding. */
export function accountLabels(name: string): Record<string, string> {
  return { app: 'catalyst-buildx', ...creator, 'pr-job': name };
}

/** On the Job, its pods and its Secret. */
export function jobLabels(name: string): Record<string, string> {
  return { app: 'catalyst-pr-job', ...creator, 'pr-name': name };
}

/** On the builder, which buildx makes: the label `app` is its own there, and every pod of the builder is found by it. */
export function builderLabels({ name, instance }: PrJobOwned): Record<string, string> {
  return { ...creator, 'pr-name': name, ...instanceMark(instance) };
}

/**
 * The mark of a server. Without one there is no label, and owners ask for its absence: a job that was made by hand is never taken for a
 * server's.
 */
export function instanceMark(instance: string | undefined): Record<string, string> {
  return instance === undefined ? {} : { [instanceLabel]: instance };
}

export function accountOwner({ name, instance }: PrJobOwned): Owner {
  return { labels: { ...accountLabels(name), [instanceLabel]: instance } };
}

export function jobOwner({ name, instance }: PrJobOwned): Owner {
  return { labels: { ...jobLabels(name), [instanceLabel]: instance } };
}

export function builderOwner({ name, instance }: PrJobOwned): Owner {
  return { labels: { ...creator, 'pr-name': name, [instanceLabel]: instance } };
}

/** The same of every name. */
export const anyPrNameSelector = `created-by=${creator['created-by']},pr-name`;

/** Jobs, pods and builders of a name, whichever server made them. */
export function prNameSelector(name: string): string {
  return Object.entries({ ...creator, 'pr-name': name })
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
