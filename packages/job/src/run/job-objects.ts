import type { Job, KubeObject } from '@ephemera/model';
import type { SecretObject } from '../compile/index.ts';

/**
 * A Secret as it is applied: with `data` instead of `stringData`, which the API server only merges in, so that a key that the manifest
 * no longer has would stay for ever.
 */
export function encoded({ stringData, ...secret }: SecretObject): KubeObject & { readonly data: object } {
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(stringData)) data[key] = Buffer.from(value).toString('base64');
  return { ...secret, data };
}

/**
 * The object as a dependent of its Job: whatever removes the Job, the cluster removes the object too. It does not hold up the Job's
 * own removal.
 */
export function ownedBy<Kind extends KubeObject>(object: Kind, job: Job): Kind {
  const { apiVersion, kind } = job;
  const { name, uid } = job.metadata;
  const ownerReferences = [{ apiVersion, kind, name, uid, blockOwnerDeletion: false }];
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}
