import { messageOf } from '@ephemera/model';
import { countIssuerKeys } from '../oidc/keys.ts';
import { issuerOf } from '../oidc/settings.ts';
import type { Settings } from '../settings.ts';
import type { Verdict } from './check.ts';

type OidcChecked = Pick<
  Settings,
  'OIDC_AUDIENCE' | 'OIDC_ISSUER' | 'OIDC_REPOSITORY_IDS' | 'OIDC_OWNER_IDS' | 'github'
>;

/** Whether tokens of GitHub Actions can be verified here: whether the keys can be had from where the server gets them. */
export async function checkOidc(settings: OidcChecked, signal: AbortSignal): Promise<Verdict> {
  const { OIDC_AUDIENCE: audience } = settings;
  const issuer = issuerOf(settings);
  if (audience === undefined)
    return { ok: true, detail: 'OIDC_AUDIENCE is not set: tokens of GitHub Actions are not accepted' };
  let keys: number;
  try {
    keys = await countIssuerKeys(issuer, signal);
  } catch (error) {
    signal.throwIfAborted();
    return {
      ok: false,
      detail: messageOf(error),
      hint: 'Without them tokens of GitHub Actions are answered with 503. Let this machine reach OIDC_ISSUER.',
    };
  }
  if (keys === 0) {
    return {
      ok: false,
      detail: `${issuer} publishes no keys`,
      hint: 'Tokens of GitHub Actions are answered with 401. Is OIDC_ISSUER the one that signs them?',
    };
  }
  const detail = `tokens of ${issuer} for ${audience} are accepted; it has ${keys} keys`;
  if (settings.github || settings.OIDC_REPOSITORY_IDS || settings.OIDC_OWNER_IDS) return { ok: true, detail };
  return {
    ok: null,
    detail: `${detail}; but no repository may ask`,
    hint: 'Set OIDC_REPOSITORY_IDS or OIDC_OWNER_IDS, or install the GitHub App on those repositories.',
  };
}
