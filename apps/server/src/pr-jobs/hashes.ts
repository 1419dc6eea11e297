import { createHash } from 'node:crypto';
import type { CheckedOrder } from '@ephemera/pull-request-pod';

/**
 * What tells one request from another. Credentials are left out, but for whether there are any: the workflow that repeats a request has
 * often got a new token meanwhile, and what is not hashed cannot be guessed from its hash.
 */
export function requestHash(
  order: CheckedOrder,
  more: { readonly cluster: string; readonly repositoryId: number | null },
): Buffer {
  const { name, namespace, image, profile, repository } = order;
  const build = repository && [
    repository.url,
    repository.branch,
    repository.pullRequest,
    repository.imageName,
    repository.dockerfile,
    repository.push,
    repository.token !== undefined,
    repository.dockerConfigJson !== undefined,
  ];
  return hashOf(['create', name, namespace, image, profile, build, more.cluster, more.repositoryId]);
}

/** SHA-256 over the values in their order. */
export function hashOf(values: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(values)).digest();
}
