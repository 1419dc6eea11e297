import type { Owner } from '@ephemera/kube';
import { instanceLabel, labelPrefix } from '@ephemera/model';

/** Document 001 finds sandboxes by this label: `kubectl get jobs -l app=ci-fixer-sandbox`. */
export const appLabel = 'app';
export const sandboxApp = 'ci-fixer-sandbox';
export const idLabel = 'job-id';
/** The name that the user gave. */
export const nameLabel = `${labelPrefix}/sandbox-name`;

/** When it ends, by the cluster's clock (ISO 8601). The reaper goes by it. */
export const expiresAnnotation = `${labelPrefix}/expires-at`;
export const idleAnnotation = `${labelPrefix}/idle-timeout-ms`;
/** The account of a server that it was made for. */
export const ownerAnnotation = `${labelPrefix}/sandbox-owner`;
/** Random, one for each call that makes a sandbox: whose the Job is, should the answer to its creation be lost. */
export const creationAnnotation = `${labelPrefix}/sandbox-creation`;
/** Before the names of the user's own annotations. */
export const metadataPrefix = `metadata.${labelPrefix}/`;

/** All sandboxes of one server, or of all who use none: what has the other's mark is not theirs. */
export function ownerOfAll(instance: string | undefined): Owner {
  return { labels: { [appLabel]: sandboxApp, [instanceLabel]: instance } };
}

/** One sandbox with all that belongs to it. */
export function ownerOf(id: string, instance: string | undefined): Owner {
  return { labels: { ...ownerOfAll(instance).labels, [idLabel]: id } };
}
