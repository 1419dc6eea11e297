import { isOwned, type Cluster } from '@ephemera/kube';
import type { KubeObject, ObjectMeta } from '@ephemera/model';
import { PrJobForeignSecrets } from '../objects/errors.ts';
import { jobOwner } from '../objects/labels.ts';
import { prJobNames } from '../objects/names.ts';
import type { PrJobTarget } from './target.ts';

export const ownToken = 'type=kubernetes.io/service-account-token';
export const accountAnnotation = 'kubernetes.io/service-account.name';
/** How many Secrets an error names. */
const secretsNamed = 5;

/**
 * Throws `pr_job.foreign_secrets` where the namespace holds any Secret but the tokens of this name's account. Credentials of a repository
 * that an earlier job of this name has count too: the account is that of all jobs of the name, and code of a pull request works as it.
 */
export async function refuseForeignSecrets(cluster: Cluster, target: PrJobTarget, signal?: AbortSignal): Promise<void> {
  const secrets = await foreignSecrets(cluster, target, { countsOwnRepositories: true, signal });
  if (secrets.length === 0) return;
  throw new PrJobForeignSecrets({ namespace: target.namespace, secrets: secrets.slice(0, secretsNamed) });
}

export interface ForeignOptions {
  /** Whether the credentials of this name's own repositories count. Default false. */
  readonly countsOwnRepositories?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The names of the Secrets of the namespace that are not of this name's jobs. */
export async function foreignSecrets(
  cluster: Cluster,
  target: PrJobTarget,
  { countsOwnRepositories = false, signal }: ForeignOptions = {},
): Promise<readonly string[]> {
  const owner = jobOwner(target);
  const { items } = await cluster.list('v1/Secret', { namespace: target.namespace, metadataOnly: true, signal });
  const foreign = items.filter((secret) => countsOwnRepositories || !isOwned(secret, owner));
  const { serviceAccount } = prJobNames(target.name);
  // Only where one says that it is a token of the own account, which anybody may write, the cluster is asked whether it is.
  const isCalledOwn = foreign.some(({ metadata }) => metadata.annotations?.[accountAnnotation] === serviceAccount);
  const tokens = isCalledOwn ? await accountTokens(cluster, target, signal) : [];
  const own = new Set(tokens.map(({ metadata }) => metadata.uid));
  return foreign.filter(({ metadata }) => !own.has(metadata.uid)).map(({ metadata }) => metadata.name);
}

/** Tokens of the name's own account. That the cluster made them is told by their type, which nobody can change. */
export async function accountTokens(
  cluster: Cluster,
  { name, namespace }: PrJobTarget,
  signal?: AbortSignal,
): Promise<readonly KubeObject[]> {
  const { items } = await cluster.list('v1/Secret', { namespace, metadataOnly: true, fieldSelector: ownToken, signal });
  const { serviceAccount } = prJobNames(name);
  return items.filter(({ metadata }) => metadata.annotations?.[accountAnnotation] === serviceAccount).map(bare);
}

interface SecretMeta extends ObjectMeta {
  readonly finalizers?: readonly string[];
  readonly managedFields?: unknown;
}

/**
 * Without annotations: of a Secret that somebody has applied with kubectl they hold its whole data, although only metadata was asked for.
 * Whatever is kept of a Secret beyond the call that has read it passes through here, so that it cannot get into a log.
 */
export function bare<Kind extends KubeObject>(secret: Kind): Kind {
  const { annotations: _, managedFields: __, ...metadata }: SecretMeta = secret.metadata;
  return { ...secret, metadata };
}
