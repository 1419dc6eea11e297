import type { Settings } from '../settings.ts';

/** Whose tokens of GitHub Actions are taken, and of which repositories besides those that the App is installed on. */
export interface OidcSettings {
  /** Without a slash at its end. */
  readonly issuer: string;
  readonly audience: string;
  readonly repositoryIds: readonly number[];
  readonly ownerIds: readonly number[];
}

type OidcVariables = Pick<Settings, 'OIDC_AUDIENCE' | 'OIDC_ISSUER' | 'OIDC_REPOSITORY_IDS' | 'OIDC_OWNER_IDS'>;

/** Undefined without an audience: a token for somebody else is never for us, so there is none to fall back to. Pure. */
export function oidcSettings(settings: OidcVariables): OidcSettings | undefined {
  const { OIDC_AUDIENCE: audience } = settings;
  if (audience === undefined) return undefined;
  return {
    issuer: issuerOf(settings),
    audience,
    repositoryIds: settings.OIDC_REPOSITORY_IDS ?? [],
    ownerIds: settings.OIDC_OWNER_IDS ?? [],
  };
}

/** Without a slash at its end, as it stands in tokens. Pure. */
export function issuerOf({ OIDC_ISSUER: issuer }: Pick<Settings, 'OIDC_ISSUER'>): string {
  return issuer.replace(/\/+$/, '');
}
