import { dnsName, shortHash } from '@ephemera/model';

export interface PullRequestIdentity {
  /** The database that the environment belongs to: two servers on one cluster never share a name. */
  readonly instance: string;
  readonly repositoryId: number;
  readonly repositoryFullName: string;
  readonly prNumber: number;
}

/** The namespace of one generation. GitHub's repository id is the identity: owner and name are only for reading, and may change. */
export function namespaceName(pull: PullRequestIdentity, generation: number): string {
  const { instance, repositoryId, repositoryFullName, prNumber } = pull;
  const repository = repositoryFullName.split('/').at(-1) ?? '';
  return dnsName(
    ['pr', String(prNumber), repository],
    [instance, String(repositoryId), String(prNumber), String(generation)],
  );
}

/** `pr-N-<10 hex>`: one label below BASE_DOMAIN, the same for all generations, so that a link stays good. */
export function hostLabel({ instance, repositoryId, prNumber }: PullRequestIdentity): string {
  return `pr-${prNumber}-${shortHash([instance, String(repositoryId), String(prNumber)])}`;
}

interface UrlSettings {
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/** The URL that people click: without the port where it is the scheme's own. */
export function environmentUrl(host: string, { scheme, port }: UrlSettings): string {
  const usual = scheme === 'https' ? 443 : 80;
  return port === usual ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}
